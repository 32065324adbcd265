import { expect, test } from "vitest";
import { createPurgeDeleted } from "../../../src/activities/lifecycle/purge-deleted.ts";
import { createReviewRecoveryPoint } from "../../../src/activities/lifecycle/review-recovery-point.ts";
import { dayMs, minuteMs } from "../../../src/domain/instant.ts";
import { leaseName } from "../../../src/domain/vault-paths.ts";
import { runLifecycleTick } from "../../../src/triggers/timer/lifecycle-tick.ts";
import { createRig, jobIds, type Rig } from "../../activities/rig.ts";
import { instanceRef, sampleVault, vaultRef } from "../../support/records.ts";

const tick = (rig: Rig, ports = rig.ports) =>
  runLifecycleTick({
    ...ports,
    reviewRecoveryPoint: createReviewRecoveryPoint(ports),
    purgeDeleted: createPurgeDeleted(ports),
  });

async function withPoints(count: number): Promise<Rig> {
  const rig = createRig();
  await rig.protect();
  for (const jobId of jobIds(count)) {
    await rig.backUp(jobId);
    rig.clock.advance(1);
  }
  return rig;
}

const points = (rig: Rig) =>
  rig.blobs.paths().filter((path) => path.endsWith("/manifest.json")).length;

test("everything that is due goes in one tick, and the newest stays", async () => {
  const rig = await withPoints(7);
  rig.clock.advance(100 * dayMs);
  expect(await tick(rig)).toMatchObject({ failures: [] });
  expect(points(rig)).toBe(1);
  expect(await rig.due("lifecycle")).toHaveLength(1);
});

test("a tick may die at any store call: the next one ends with the same", async () => {
  const undisturbed = await withPoints(3);
  undisturbed.clock.advance(100 * dayMs);
  await tick(undisturbed);
  undisturbed.clock.advance(dayMs);
  await tick(undisturbed);
  const expected = undisturbed.blobs.paths();
  for (let calls = 0; calls < 200; calls += 1) {
    const rig = await withPoints(3);
    rig.clock.advance(100 * dayMs);
    const life = { calls };
    await tick(rig, rig.portsWith(life)).catch(() => undefined);
    rig.leaseClock.advance(61_000);
    rig.clock.advance(dayMs);
    await tick(rig);
    expect(rig.blobs.paths().length, `after ${calls} calls`).toBe(expected.length);
    expect(await rig.due("lifecycle")).toHaveLength(1);
    if (life.calls >= 0) return;
  }
  throw new Error("the tick never got through");
});

test("a soft-deleted instance is purged at its instant, not before, and leaves nothing", async () => {
  const rig = await withPoints(2);
  const vault = await rig.catalog.vaults.get(vaultRef);
  const softDelete = { state: "On", retentionDurationInDays: 14 };
  await rig.catalog.vaults.replace(sampleVault({ softDelete }), vault?.etag ?? "");
  await rig.activities.removeInstance({ instance: instanceRef });
  expect((await rig.instance())?.protectionState).toBe("SoftDeleted");
  expect(await rig.due("backup")).toEqual([]);
  rig.clock.advance(14 * dayMs - 1);
  await tick(rig);
  expect(points(rig)).toBe(2);
  rig.clock.advance(1);
  expect(await tick(rig)).toMatchObject({ purged: 1 });
  expect(points(rig)).toBe(0);
  expect(await rig.instance()).toBeUndefined();
  expect(rig.blobs.paths().filter((path) => path.includes("/instances/"))).toEqual([]);
  expect(await rig.due("purge")).toEqual([]);
});

test("an instance that was brought back is not purged by the row of its old deletion", async () => {
  const rig = await withPoints(1);
  const vault = await rig.catalog.vaults.get(vaultRef);
  const softDelete = { state: "On", retentionDurationInDays: 14 };
  await rig.catalog.vaults.replace(sampleVault({ softDelete }), vault?.etag ?? "");
  await rig.activities.removeInstance({ instance: instanceRef });
  const found = await rig.catalog.instances.get(instanceRef);
  const { deletion: _, ...back } = found!.value;
  const stopped = { ...back, protectionState: "ProtectionStopped" } as const;
  await rig.catalog.instances.replace(stopped, found!.etag);
  rig.clock.advance(15 * dayMs);
  await tick(rig);
  expect(points(rig)).toBe(1);
  expect(await rig.due("purge")).toEqual([]);
});

test("a purge waits for the operation that holds the instance", async () => {
  const rig = await withPoints(1);
  const vault = await rig.catalog.vaults.get(vaultRef);
  const softDelete = { state: "On", retentionDurationInDays: 14 };
  await rig.catalog.vaults.replace(sampleVault({ softDelete }), vault?.etag ?? "");
  await rig.activities.removeInstance({ instance: instanceRef });
  rig.clock.advance(14 * dayMs);
  await rig.leases.acquire(leaseName(instanceRef), "a restore");
  expect((await tick(rig)).failures).toMatchObject([
    { error: { fault: { code: "UserErrorMaxConcurrentOperationLimitReached" } } },
  ]);
  await rig.leases.release(leaseName(instanceRef), "a restore");
  rig.clock.advance(minuteMs);
  expect(await tick(rig)).toMatchObject({ purged: 1, failures: [] });
});

test("trouble with one recovery point is reported and keeps no other waiting", async () => {
  const rig = await withPoints(3);
  rig.clock.advance(100 * dayMs);
  const [troubled] = await rig.due("lifecycle");
  const id = troubled?.payload["recoveryPointId"];
  const review = createReviewRecoveryPoint(rig.ports);
  const outcome = await runLifecycleTick({
    ...rig.ports,
    purgeDeleted: async () => true,
    reviewRecoveryPoint: (ref, point) =>
      point === id ? Promise.reject(new Error("damaged")) : review(ref, point),
  });
  expect(outcome.failures.length).toBeGreaterThan(0);
  expect(points(rig)).toBe(2);
  rig.clock.advance(2 * minuteMs);
  await tick(rig);
  expect(points(rig)).toBe(1);
});
