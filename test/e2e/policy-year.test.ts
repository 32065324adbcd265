import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { restoreBody } from "../../scripts/demo/request-bodies.ts";
import { guidOf } from "../../src/domain/guid.ts";
import { dayMs } from "../../src/domain/instant.ts";
import { recoveryPointIdOf } from "../../src/domain/recovery-point.ts";
import { instanceKey, parseResourceId } from "../../src/domain/resource-id.ts";
import {
  type OraclePoint,
  oracleDue,
  oracleLifecycle,
  oraclePoint,
} from "../domain/policy/oracle.ts";
import {
  absolute,
  archiveStore,
  copyToArchive,
  lifecycle,
  policyJson,
  retentionRule,
  tag,
} from "../domain/policy/policies.ts";
import { sceneVault } from "../support/scene.ts";
import { lookAtVault } from "../support/vault-blobs.ts";
import { startTimedScene, type TimedScene } from "./policy-time.ts";

/** Weekly in Berlin's time, across both changes of its clocks; old ones go to the archive. */
const zone = "W. Europe Standard Time";
const archived = (vault: string, archive: string) => [
  lifecycle(vault, undefined, [copyToArchive("CopyOnExpiryOption")]),
  lifecycle(archive, archiveStore),
];
const weekly = (start: string, defaultDuration: string) => {
  const policy = policyJson({
    intervals: [`R/${start}+00:00/P1W`],
    timeZone: zone,
    tags: [
      tag("Monthly", 15, absolute("FirstOfMonth")),
      tag("Yearly", 10, absolute("FirstOfYear")),
    ],
    rules: [
      retentionRule("Monthly", ...archived("P1M", "P6M")),
      retentionRule("Yearly", ...archived("P3M", "P3Y")),
    ],
  });
  policy.policyRules[1].lifecycles = [lifecycle(defaultDuration)];
  return policy;
};
const before = weekly("2026-12-06T06:30:00", "P5W");
const after = weekly("2026-12-02T22:15:00", "P2W");

const at = (text: string) => Date.parse(`2027-${text}:00Z`);
const year = {
  startAt: at("01-01T12:00"),
  endAt: Date.UTC(2028, 0, 4, 12),
  policyChangedAt: at("06-29T12:00"),
  suspendedAt: at("08-20T12:00"),
  resumedAt: at("10-01T12:00"),
  hostDownAt: at("11-05T12:00"),
  hostUpAt: at("11-26T12:00"),
};

/** Dates on which the host is killed while a backup runs; any date will do. */
const killed = new Set(["02-07", "05-16", "07-21"]);

test("a year of schedules, retention, archive, changes and crashes ends with exactly what was promised", async () => {
  const scene = await startTimedScene({ sizeMb: 0, startAt: year.startAt });
  try {
    await liveThroughTheYear(scene);
  } finally {
    await scene.stop();
  }
});

async function liveThroughTheYear(scene: TimedScene): Promise<void> {
  const { client, cluster } = scene;
  await cluster.psql("CREATE DATABASE tiny");
  await cluster.psql("CREATE TABLE t AS SELECT g FROM generate_series(1, 100) g", "tiny");
  await client.send("PUT", `${sceneVault}/backupPolicies/weekly`, { properties: before });
  const instance = await scene.protect("tiny", "tiny");
  const points: OraclePoint[] = [];
  const idOf = (point: OraclePoint) => recoveryPointOf(instance, point.dueAt);

  /** One scheduled backup, the lifecycle's look at that time, and the same in the oracle. */
  const week = async (dueAt: number, policy: object) => {
    const now = dueAt + 20_000;
    await scene.setClock(now);
    if (killed.has(iso(dueAt).slice(5, 10))) await killWhileItRuns(scene, instance, dueAt);
    await scene.settle(() => isBackedUp(scene, instance, dueAt));
    points.push(oraclePoint(policy, dueAt, now, points));
    oracleLifecycle(points, now, false);
    await expectNewest(scene, instance, idOf(points.at(-1)!));
  };
  const weeks = async (from: number, to: number, policy: object) => {
    for (const dueAt of dueBetween(policy, from, to)) await week(dueAt, policy);
  };

  await weeks(year.startAt, at("05-10T00:00"), before);
  await restoreFromArchive(scene, instance, points, idOf);
  await weeks(at("05-10T00:00"), year.policyChangedAt, before);
  await scene.setClock(year.policyChangedAt);
  await client.send("PUT", `${sceneVault}/backupPolicies/weekly`, { properties: after });
  await untilPlanned(scene, instance, dueBetween(after, year.policyChangedAt, year.endAt)[0]!);
  await weeks(year.policyChangedAt, year.suspendedAt, after);

  await scene.setClock(year.suspendedAt);
  await client.complete("POST", `${instance}/suspendBackups`, {});
  for (let now = year.suspendedAt; now < year.resumedAt; now += 7 * dayMs) {
    await scene.settleAt(now);
    oracleLifecycle(points, now, false);
    await expectNewest(scene, instance, idOf(points.at(-1)!));
  }
  await scene.setClock(year.resumedAt);
  await client.complete("POST", `${instance}/resumeBackups`);
  await weeks(year.resumedAt, year.hostDownAt, after);

  await scene.app.kill9();
  await scene.setClock(year.hostUpAt);
  await scene.app.restart();
  const missed = dueBetween(after, year.hostDownAt, year.hostUpAt);
  await scene.settle(() => isBackedUp(scene, instance, missed.at(-1)!));
  points.push(oraclePoint(after, missed.at(-1)!, year.hostUpAt, points));
  oracleLifecycle(points, year.hostUpAt, false);
  await expectMissedTold(scene, instance, missed);
  await weeks(year.hostUpAt, year.endAt, after);

  for (const now of [year.endAt, year.endAt + dayMs]) {
    await scene.settleAt(now);
    oracleLifecycle(points, now, false);
  }
  await expectExactly(scene, instance, points, idOf);
}

const iso = (instant: number): string => new Date(instant).toISOString();

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any;

const dueBetween = (policy: Loose, from: number, to: number): number[] =>
  oracleDue(
    policy.policyRules[0].trigger.schedule.repeatingTimeIntervals,
    "Europe/Berlin",
    from,
    to,
  );

const refOf = (instance: string) => {
  const parsed = parseResourceId(instance)!;
  const [vaultName = "", instanceName = ""] = parsed.names;
  return {
    subscriptionId: parsed.subscriptionId,
    resourceGroup: parsed.resourceGroup,
    vaultName,
    instanceName,
  };
};

const jobOf = (instance: string, dueAt: number): string =>
  guidOf(`backup|${instanceKey(refOf(instance))}|${iso(dueAt)}`);

const recoveryPointOf = (instance: string, dueAt: number): string =>
  recoveryPointIdOf(jobOf(instance, dueAt));

const isBackedUp = async (scene: TimedScene, instance: string, dueAt: number) =>
  (await scene.catalog.jobs.get(refOf(instance), jobOf(instance, dueAt))) !== undefined;

/** At a random moment of the half second that it takes; the lifecycle ticks then as well. */
async function killWhileItRuns(scene: TimedScene, instance: string, dueAt: number): Promise<void> {
  await scene.tick("schedule");
  const deadlineMs = Date.now() + 10_000;
  const job = jobOf(instance, dueAt);
  while ((await scene.catalog.jobs.get(refOf(instance), job)) === undefined) {
    if (Date.now() > deadlineMs) throw new Error("No backup began that could be killed");
  }
  await scene.tick("lifecycle");
  await sleep(Math.random() * 400);
  await scene.app.crashHost();
  await scene.app.untilHealthy();
}

async function expectNewest(scene: TimedScene, instance: string, id: string): Promise<void> {
  const { items } = await scene.catalog.recoveryPoints.list(refOf(instance), { limit: 1 });
  expect(items[0]?.id).toBe(id);
  expect(items[0]?.stores.some(({ type }) => type === "VaultStore")).toBe(true);
}

async function untilPlanned(scene: TimedScene, instance: string, dueAt: number): Promise<void> {
  await expect
    .poll(async () => (await scene.catalog.instances.get(refOf(instance)))?.value.nextDueAt)
    .toBe(iso(dueAt));
}

/** Of the first month's recovery point: rehydrated, restored, kept for ten days, archived again. */
async function restoreFromArchive(
  scene: TimedScene,
  instance: string,
  points: readonly OraclePoint[],
  idOf: (point: OraclePoint) => string,
): Promise<void> {
  const oldest = points.find((point) => point.inArchive && !point.inVault);
  if (oldest === undefined) throw new Error("Nothing is archived by now");
  const target = { server: "test-server", database: "thawed", secret: "server" };
  const body = {
    ...restoreBody(idOf(oldest), target),
    objectType: "AzureBackupRestoreWithRehydrationRequest",
    sourceDataStoreType: "ArchiveStore",
    rehydrationPriority: "High",
    rehydrationRetentionDuration: "P10D",
  };
  const { properties } = await scene.client.complete("POST", `${instance}/restore`, body);
  const job = await scene.client.followJob(String(properties?.jobId));
  expect(job.properties).toMatchObject({ status: "Completed", errorDetails: null });
  expect(await scene.cluster.psql("SELECT sum(g) FROM t", "thawed")).toBe("5050");
  await scene.cluster.psql("DROP DATABASE thawed");

  const copies = async () =>
    (await lookAtVault(scene.app.storage)).orphans.filter((path) => path.includes("/rehydrated/"));
  expect((await copies()).length).toBeGreaterThan(0);
  await scene.settleAt(scene.now() + 9 * dayMs);
  expect((await copies()).length).toBeGreaterThan(0);
  await scene.settleAt(scene.now() + 2 * dayMs);
  expect(await copies()).toEqual([]);
  const point = await scene.catalog.recoveryPoints.get(refOf(instance), idOf(oldest));
  expect(point?.value.stores).toMatchObject([
    { type: "ArchiveStore", rehydrationStatus: "DELETED" },
  ]);
}

async function expectMissedTold(
  scene: TimedScene,
  instance: string,
  missed: readonly number[],
): Promise<void> {
  const ref = refOf(instance);
  const job = await scene.catalog.jobs.get(ref, jobOf(instance, missed.at(-1)!));
  expect(job?.value).toMatchObject({
    status: "Completed",
    details: { MissedInstants: String(missed.length - 1) },
  });
  for (const dueAt of missed.slice(0, -1))
    expect(await scene.catalog.jobs.get(ref, jobOf(instance, dueAt))).toBeUndefined();
}

async function expectExactly(
  scene: TimedScene,
  instance: string,
  points: readonly OraclePoint[],
  idOf: (point: OraclePoint) => string,
): Promise<void> {
  const alive = points.filter((point) => point.goneAt === undefined);
  const found = await scene.recoveryPoints(instance);
  const told = found.map(({ name, properties }) => ({
    id: name,
    tag: properties.retentionTagName,
    stores: (properties.recoveryPointDataStoresDetails as readonly { type?: string }[])
      .map(({ type }) => String(type))
      .toSorted(),
  }));
  const promised = alive.map((point) => ({
    id: idOf(point),
    tag: point.tagName,
    stores: [
      ...(point.inArchive ? ["ArchiveStore"] : []),
      ...(point.inVault ? ["VaultStore"] : []),
    ],
  }));
  const byId = (left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1);
  expect(told.toSorted(byId)).toEqual(promised.toSorted(byId));
  // The year was worth the walk: all kinds are there, and most are gone.
  expect(new Set(alive.map(({ tagName }) => tagName))).toEqual(
    new Set(["Default", "Monthly", "Yearly"]),
  );
  expect(points.length - alive.length).toBeGreaterThan(25);

  const vault = await lookAtVault(scene.app.storage);
  expect(vault.orphans).toEqual([]);
  expect(vault.missing).toEqual([]);
  expect(vault.manifests).toHaveLength(alive.length);

  const { items: jobs } = await scene.catalog.jobs.list(refOf(instance), { limit: 500 });
  const backups = jobs.filter((job) => job.category === "Backup");
  expect(backups.map((job) => job.status)).toEqual(points.map(() => "Completed"));
  const { due } = scene.catalog;
  const forEver = "2200-01-01T00:00:00.000Z";
  expect(await due.upTo("backup", forEver, 10)).toHaveLength(1);
  const reviews = await due.upTo("lifecycle", forEver, 100);
  expect(reviews.map((row) => JSON.stringify(row.payload["recoveryPointId"])).toSorted()).toEqual(
    alive.map((point) => JSON.stringify(idOf(point))).toSorted(),
  );
}
