import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayMs, hourMs } from "../../../src/domain/instant.ts";
import type { BackupPolicy } from "../../../src/domain/policy/policy.ts";
import { latestDueAt, nextDueInstants } from "../../../src/domain/policy/schedule.ts";
import { policies } from "./arbitrary-policies.ts";
import { type EnginePoint, engineLifecycle, enginePoint, type History } from "./engine-walk.ts";
import { type OraclePoint, oracleDue, oracleLifecycle, oraclePoint, oracleZone } from "./oracle.ts";
import { iso, type Loose, parsed } from "./policies.ts";

/**
 * PGVAULT_ORACLE_RUNS=2000 PGVAULT_ORACLE_SEED=7 npx vitest run --project unit test/domain/policy
 * runs more and other cases. The seed is fixed by default, so that a red build is a real change.
 */
const runs = Number(process.env["PGVAULT_ORACLE_RUNS"] ?? 30);
const seed = Number(process.env["PGVAULT_ORACLE_SEED"] ?? 20_261_121);
const timeoutMs = 20_000 + runs * 2_000;

const beginAt = Date.UTC(2020, 0, 1);
const maxDays = 3_652;
/** Ten years of two a week; more frequent schedules live shorter, to keep brute force bearable. */
const maxBackups = 1_100;

const intervalsOf = (json: Loose): string[] =>
  json.policyRules[0].trigger.schedule.repeatingTimeIntervals;
const days = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 40, max: 1_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_000, max: maxDays }) },
);

describe("the policy engine against brute force", () => {
  it("finds the same due instants for up to ten years", { timeout: timeoutMs }, () => {
    const property = fc.property(
      policies,
      days,
      fc.integer({ min: 0, max: 400 }),
      (json, length, skip) => {
        const from = beginAt + skip * dayMs;
        const to = Math.min(from + length * dayMs, beginAt + maxDays * dayMs);
        const policy = parsed(json);
        const expected = oracleDue(intervalsOf(json), oracleZone(json), from, to);
        const due = inPages(policy, from - 1, expected.length + 1);
        expect(due.filter((at) => at < to).map(iso)).toEqual(expected.map(iso));
        for (const index of [0, expected.length >> 1, expected.length - 1]) {
          const at = expected[index];
          if (at === undefined) continue;
          expect(latestDueAt(policy, at)).toBe(at);
          const before = expected[index - 1];
          if (before !== undefined) expect(latestDueAt(policy, at - 1)).toBe(before);
        }
      },
    );
    fc.assert(property, { numRuns: runs, seed });
  });

  it("gives the same tags, promises and deletions, and never loses the newest", {
    timeout: timeoutMs,
  }, () => {
    fc.assert(fc.property(lives, checkLife), { numRuns: runs, seed });
  });
});

/** As one that lists far ahead must ask, because one answer is bounded. */
function inPages(policy: BackupPolicy, after: number, count: number): number[] {
  const due: number[] = [];
  while (due.length < count)
    due.push(...nextDueInstants(policy, due.at(-1) ?? after, Math.min(count - due.length, 5_000)));
  return due.slice(0, count);
}

/** A protected instance's life: failures, an outage, a change of policy, a stop and a suspension. */
const lives = fc.record({
  first: policies,
  second: policies,
  length: days,
  changeDay: fc.integer({ min: 0, max: 1_500 }),
  failures: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
  delayHours: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 }),
  quiet: fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 300 })),
  quietState: fc.constantFrom("ProtectionStopped", "BackupSchedulesSuspended", "outage"),
  tickHours: fc.constantFrom(12, 24, 240),
});
type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;

interface Backup {
  json: Loose;
  dueAt: number;
  completedAt: number;
}

/** Successful backups of a life, by the oracle's due instants; one at a time, in order. */
function backupsOf(life: Life): Backup[] {
  const changeAt = beginAt + life.changeDay * dayMs;
  const to = beginAt + life.length * dayMs;
  const due = (json: Loose, from: number, until: number) =>
    from >= until
      ? []
      : oracleDue(intervalsOf(json), oracleZone(json), from, until).map((dueAt) => ({
          json,
          dueAt,
        }));
  const all = [
    ...due(life.first, beginAt, Math.min(changeAt, to)),
    ...due(life.second, changeAt, to),
  ];
  const isQuiet = (at: number) => isWithin(life.quiet, at);
  let freeAt = 0;
  return all
    .filter(({ dueAt }, index) => !isQuiet(dueAt) && !life.failures[index % life.failures.length])
    .slice(0, maxBackups)
    .map(({ json, dueAt }, index) => {
      const delay = life.delayHours[index % life.delayHours.length] ?? 0;
      freeAt = Math.max(freeAt, dueAt) + 60_000 + delay * hourMs;
      return { json, dueAt, completedAt: freeAt };
    });
}

const isWithin = ([day, length]: readonly [number, number], at: number): boolean =>
  at >= beginAt + day * dayMs && at < beginAt + (day + length) * dayMs;

function checkLife(life: Life): void {
  const backups = backupsOf(life);
  const engine: EnginePoint[] = [];
  const oracle: OraclePoint[] = [];
  const history: History = { tagged: [] };
  const policyOf = new Map([life.first, life.second].map((json) => [json, parsed(json)]));
  const endAt = (backups.at(-1)?.completedAt ?? beginAt) + 800 * dayMs;
  let next = 0;
  for (let now = beginAt; now < endAt; now += life.tickHours * hourMs) {
    for (; next < backups.length && backups[next]!.completedAt <= now; next += 1) {
      const { json, dueAt, completedAt } = backups[next]!;
      // Committing a recovery point plans its predecessor anew: it is the newest no more.
      const predecessor = engine.at(-1);
      if (predecessor !== undefined) predecessor.reviewAt = now;
      engine.push(enginePoint(policyOf.get(json)!, dueAt, completedAt, history));
      oracle.push(oraclePoint(json, dueAt, completedAt, oracle));
    }
    const state =
      life.quietState === "outage" || !isWithin(life.quiet, now)
        ? "ProtectionConfigured"
        : life.quietState;
    engineLifecycle(engine, now, state);
    oracleLifecycle(oracle, now, state === "ProtectionStopped");
    checkNewest(engine, backups[next - 1]);
  }
  expect(engine.map(describePoint)).toEqual(oracle.map(describeExpected));
  for (const point of engine)
    if (point.goneAt !== undefined)
      expect(point.goneAt).toBeGreaterThanOrEqual(point.promise.expiryAt);
}

/** The newest good recovery point is in the vault store, whatever has ended. */
function checkNewest(points: readonly EnginePoint[], newestBackup: Backup | undefined): void {
  if (newestBackup === undefined) return;
  const completedAt = Math.max(
    ...points.filter((p) => p.goneAt === undefined).map((p) => p.completedAt),
  );
  const newest = points.find((point) => point.completedAt === completedAt);
  if (newest?.goneAt !== undefined || newest?.isInVaultStore !== true)
    throw new Error(`No newest recovery point in the vault after ${iso(newestBackup.dueAt)}`);
}

const describePoint = (point: EnginePoint) => ({
  due: iso(point.dueAt),
  tag: point.tagName,
  vaultEnd: iso(point.promise.vaultExpiryAt),
  end: iso(point.promise.expiryAt),
  gone: point.goneAt === undefined ? "alive" : iso(point.goneAt),
  ...(point.goneAt === undefined
    ? { vault: point.isInVaultStore, archive: point.isInArchiveStore }
    : {}),
});

const describeExpected = (point: OraclePoint) => ({
  due: iso(point.dueAt),
  tag: point.tagName,
  vaultEnd: iso(point.vaultEnd),
  end: iso(point.end),
  gone: point.goneAt === undefined ? "alive" : iso(point.goneAt),
  ...(point.goneAt === undefined ? { vault: point.inVault, archive: point.inArchive } : {}),
});
