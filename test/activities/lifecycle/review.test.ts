import { describe, expect, test } from "vitest";
import { createReviewRecoveryPoint } from "../../../src/activities/lifecycle/review-recovery-point.ts";
import { dayMs } from "../../../src/domain/instant.ts";
import { recoveryPointIdOf } from "../../../src/domain/recovery-point.ts";
import { leaseName, recoveryPointFolder } from "../../../src/domain/vault-paths.ts";
import { runLifecycleTick } from "../../../src/triggers/timer/lifecycle-tick.ts";
import {
  archiveStore,
  copyToArchive,
  lifecycle,
  policyJson,
} from "../../domain/policy/policies.ts";
import { instanceRef, vaultRef } from "../../support/records.ts";
import { createRig, jobIds, type Rig, scheduled } from "../rig.ts";

const [first = "", second = "", third = ""] = jobIds(3);
const point = recoveryPointIdOf(first);
const dueAt = "2026-01-04T06:30:00.000Z";

const review = (rig: Rig, id = point) => createReviewRecoveryPoint(rig.ports)(instanceRef, id);

const tick = (rig: Rig) =>
  runLifecycleTick({
    ...rig.ports,
    reviewRecoveryPoint: createReviewRecoveryPoint(rig.ports),
    purgeDeleted: async () => true,
  });

const protect = async (rig: Rig, ...lifecycles: object[]) => {
  const policy = policyJson();
  if (lifecycles.length > 0) policy.policyRules[1].lifecycles = lifecycles;
  await rig.protect(policy);
};

const archiveRule = (copy: string) =>
  [lifecycle("P1M", undefined, [copyToArchive(copy)]), lifecycle("P1Y", archiveStore)] as const;

const setState = (rig: Rig, state: "ProtectionStopped" | "ProtectionConfigured") =>
  rig.activities.setProtection({ instance: instanceRef, state, provisioningState: "Succeeded" });

const stored = (rig: Rig, id = point) =>
  rig.blobs.paths().filter((path) => path.startsWith(recoveryPointFolder(instanceRef, id)));

const storesOf = async (rig: Rig, id = point) =>
  (await rig.catalog.recoveryPoints.get(instanceRef, id))?.value.stores.map(({ type }) => type);

describe("retention", () => {
  test("keeps until the promised instant and frees everything after it", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first);
    rig.clock.advance(1);
    await rig.backUp(second);
    rig.clock.set(Date.parse("2026-04-04T06:29:59.999Z"));
    expect(await review(rig)).toMatchObject({
      action: "Keep",
      reviewAt: Date.parse("2026-04-04T06:30:00.000Z"),
    });
    rig.clock.advance(1);
    expect(await review(rig)).toMatchObject({ action: "Expire" });
    expect(stored(rig)).toEqual([]);
    expect(await storesOf(rig)).toBeUndefined();
  });

  test("keeps the newest good one although its promise ended, and lets it go soon after the next", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first);
    rig.clock.advance(400 * dayMs);
    await tick(rig);
    expect(stored(rig)).not.toEqual([]);
    await rig.backUp(second);
    await tick(rig);
    expect(stored(rig)).toEqual([]);
    expect(stored(rig, recoveryPointIdOf(second))).not.toEqual([]);
  });

  test("takes one that a verification found damaged for no good one", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first);
    rig.clock.advance(1);
    const damaged = await rig.backUp(second);
    const found = await rig.catalog.recoveryPoints.get(instanceRef, damaged);
    const at = new Date(rig.clock.now()).toISOString();
    const verification = { kind: "Verified", at, passed: false, detail: "flipped" } as const;
    await rig.catalog.recoveryPoints.upsert(instanceRef, { ...found!.value, verification });
    rig.clock.advance(100 * dayMs);
    expect(await review(rig)).toMatchObject({ action: "Keep" });
    expect(await review(rig, damaged)).toMatchObject({ action: "Expire" });
  });

  test("waits while another operation holds the instance", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first);
    await rig.leases.acquire(leaseName(instanceRef), "a restore");
    const { action, reviewAt } = await review(rig);
    expect(action).toBe("Postponed");
    expect(reviewAt! - rig.clock.now()).toBeLessThanOrEqual(5 * 60_000);
  });

  test("is held while protection is stopped, and carried out soon after it is resumed", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first);
    rig.clock.advance(1);
    await rig.backUp(second);
    await setState(rig, "ProtectionStopped");
    rig.clock.advance(300 * dayMs);
    await tick(rig);
    expect(stored(rig)).not.toEqual([]);
    await setState(rig, "ProtectionConfigured");
    await tick(rig);
    expect(stored(rig)).toEqual([]);
    expect(stored(rig, recoveryPointIdOf(second))).not.toEqual([]);
  });
});

describe("the archive", () => {
  test("takes over on expiry: one copy, moved in place, with a job that says so", async () => {
    const rig = createRig();
    await protect(rig, ...archiveRule("CopyOnExpiryOption"));
    await rig.backUp(first);
    rig.clock.advance(1);
    await rig.backUp(second);
    rig.clock.advance(32 * dayMs);
    await tick(rig);
    expect(await storesOf(rig)).toEqual(["ArchiveStore"]);
    const [pack = ""] = stored(rig).filter((path) => path.endsWith(".pack"));
    expect((await rig.blobs.properties(pack))?.tier).toBe("Archive");
    const { items } = await rig.catalog.jobs.list(vaultRef, { limit: 10 });
    const tiering = items.filter((job) => job.category === "Tiering");
    expect(tiering.map((job) => job.details["Reason"])).toEqual([
      "CopyOnExpiryOption due at 2026-02-04T06:30:00.000Z",
    ]);
  });

  test("gets a copy at once while the vault store keeps its own until its end", async () => {
    const rig = createRig();
    await protect(rig, ...archiveRule("ImmediateCopyOption"));
    await rig.backUp(first);
    rig.clock.advance(1);
    await rig.backUp(second);
    await tick(rig);
    expect((await storesOf(rig))?.toSorted()).toEqual(["ArchiveStore", "VaultStore"]);
    rig.clock.advance(32 * dayMs);
    await tick(rig);
    expect(await storesOf(rig)).toEqual(["ArchiveStore"]);
    expect(stored(rig).map((path) => path.split("/").at(-3))).toEqual([
      "archive",
      expect.anything(),
    ]);
  });

  test("does not take the newest good one out of the vault store", async () => {
    const rig = createRig();
    await protect(rig, ...archiveRule("CopyOnExpiryOption"));
    await rig.backUp(first);
    rig.clock.advance(32 * dayMs);
    await tick(rig);
    expect(await storesOf(rig)).toEqual(["VaultStore"]);
  });
});

describe("a rehydration", () => {
  const archivedRig = async () => {
    const rig = createRig();
    await protect(rig, ...archiveRule("CopyOnExpiryOption"));
    await rig.backUp(first);
    rig.clock.advance(1);
    await rig.backUp(second);
    rig.clock.advance(32 * dayMs);
    await tick(rig);
    return rig;
  };
  const rehydrate = async (rig: Rig, retentionDays: number) => {
    const job = { instance: instanceRef, jobId: third };
    const rehydration = { priority: "High", retentionDays } as const;
    const step = await rig.activities.rehydrateStep({
      ...job,
      recoveryPointId: point,
      rehydration,
    });
    await rig.activities.releaseLease(job);
    return step;
  };
  const copies = (rig: Rig) => stored(rig).filter((path) => path.includes("/rehydrated/"));

  test("keeps its copy for as long as was asked, then removes it and keeps the archived one", async () => {
    const rig = await archivedRig();
    expect(await rehydrate(rig, 10)).toMatchObject({ state: "done", needed: true });
    expect(copies(rig)).toHaveLength(1);
    rig.clock.advance(10 * dayMs - 1);
    await tick(rig);
    expect(copies(rig)).toHaveLength(1);
    rig.clock.advance(1);
    await tick(rig);
    expect(copies(rig)).toEqual([]);
    expect(await storesOf(rig)).toEqual(["ArchiveStore"]);
    const left = stored(rig).filter((path) => path.endsWith(".pack"));
    expect(left).toHaveLength(1);
  });

  test("asked for again never ends sooner than promised before", async () => {
    const rig = await archivedRig();
    const { expiresAt } = await rehydrate(rig, 30);
    expect(await rehydrate(rig, 10)).toMatchObject({ expiresAt });
    rig.clock.advance(dayMs);
    const later = await rehydrate(rig, 30);
    expect(later.expiresAt! > expiresAt!).toBe(true);
  });

  test("ends even when protection is stopped", async () => {
    const rig = await archivedRig();
    await rehydrate(rig, 10);
    await setState(rig, "ProtectionStopped");
    rig.clock.advance(11 * dayMs);
    await tick(rig);
    expect(copies(rig)).toEqual([]);
  });

  test("that is given up half way leaves nothing after its time", async () => {
    const rig = await archivedRig();
    const job = { instance: instanceRef, jobId: third };
    const rehydration = { priority: "Standard", retentionDays: 10 } as const;
    // The process dies after the first copy was started.
    for (let calls = 0; copies(rig).length === 0; calls += 1) {
      const { createActivities } = await import("../../../src/activities/activities.ts");
      await createActivities(rig.portsWith({ calls }))
        .rehydrateStep({ ...job, recoveryPointId: point, rehydration })
        .catch(() => undefined);
      await rig.activities.releaseLease(job);
    }
    rig.clock.advance(11 * dayMs);
    await tick(rig);
    expect(copies(rig)).toEqual([]);
  });
});

describe("rows of one recovery point", () => {
  test("never multiply, however many ways lead to a review", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first, scheduled(dueAt));
    rig.clock.advance(1);
    await rig.backUp(second, scheduled(dueAt));
    for (let round = 0; round < 40; round += 1) {
      await setState(rig, round % 2 === 0 ? "ProtectionStopped" : "ProtectionConfigured");
      if (round % 3 === 0) rig.clock.advance(3 * 3_600_000);
      await tick(rig);
    }
    const rows = (await rig.due("lifecycle")).filter((row) => row.key.endsWith(point));
    expect(rows.length).toBeLessThanOrEqual(2);
    rig.clock.advance(2 * dayMs);
    await tick(rig);
    const settled = (await rig.due("lifecycle")).filter((row) => row.key.endsWith(point));
    expect(settled).toHaveLength(1);
  });

  test("are gone when it is gone", async () => {
    const rig = createRig();
    await protect(rig, ...archiveRule("ImmediateCopyOption"));
    await rig.backUp(first);
    rig.clock.advance(1);
    await rig.backUp(second);
    for (let week = 0; week < 70; week += 1) {
      rig.clock.advance(7 * dayMs);
      await tick(rig);
    }
    expect(stored(rig)).toEqual([]);
    expect((await rig.due("lifecycle")).filter((row) => row.key.endsWith(point))).toEqual([]);
  });
});

describe("what a lost backup leaves", () => {
  test("is freed a day later, unless its job still runs", async () => {
    const rig = createRig();
    await protect(rig);
    const job = { instance: instanceRef, jobId: first };
    const trigger = scheduled(dueAt);
    await rig.activities.openBackup({ ...job, trigger, workflowId: "w" });
    await rig.activities.dumpDatabase({ ...job, attempt: "a", slot: "s" });
    await rig.activities.releaseLease(job);
    rig.clock.advance(dayMs);
    await tick(rig);
    expect(stored(rig)).not.toEqual([]);
    await rig.activities.closeJob({ ...job, status: "Failed" });
    rig.clock.advance(dayMs);
    await tick(rig);
    expect(stored(rig)).toEqual([]);
    expect(await rig.due("lifecycle")).toEqual([]);
  });

  test("next to a committed attempt is freed as well", async () => {
    const rig = createRig();
    await protect(rig);
    await rig.backUp(first);
    const orphan = `${recoveryPointFolder(instanceRef, point)}/packs/zombie-1/0001.pack`;
    await rig.blobs.put(orphan, new Uint8Array(3));
    rig.clock.advance(dayMs);
    await tick(rig);
    expect(stored(rig)).not.toContain(orphan);
    expect(stored(rig)).toHaveLength(2);
  });

  test("a committed one that no index knows is found, with its place in the tags' memory", async () => {
    const rig = createRig();
    await protect(rig);
    const job = { instance: instanceRef, jobId: first };
    const trigger = scheduled(dueAt);
    await rig.activities.openBackup({ ...job, trigger, workflowId: "w" });
    const { attempt } = await rig.activities.dumpDatabase({ ...job, attempt: "a", slot: "s" });
    await rig.activities.commitRecoveryPoint({ ...job, attempt, trigger });
    await rig.catalog.recoveryPoints.delete(instanceRef, point);
    await rig.activities.closeJob({ ...job, status: "Failed" });
    await rig.activities.releaseLease(job);
    const { taggedBackups } = (await rig.instance()) ?? {};
    rig.clock.advance(dayMs);
    await tick(rig);
    expect(await storesOf(rig)).toEqual(["VaultStore"]);
    expect((await rig.instance())?.taggedBackups).toEqual(taggedBackups);
    expect(taggedBackups).toEqual([{ tagName: "Default", backupAt: Date.parse(dueAt) }]);
  });
});
