import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { terminateCopies, untilCopying } from "../support/dump-sessions.ts";
import { type FlakyProxy, startFlakyProxy } from "../support/flaky-proxy.ts";
import { differences, outcomeOf } from "../support/invariants.ts";
import { type Scene, startScene } from "../support/scene.ts";
import { bytesOfEachKind, lookAtVault, turnBit } from "../support/vault-blobs.ts";

let proxy: FlakyProxy;
let scene: Scene;
let instance: string;
let point: string;

beforeAll(async () => {
  scene = await startScene({
    sizeMb: 30,
    storageVia: async (storage) => {
      const port = Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(storage)?.[1]);
      proxy = await startFlakyProxy(port);
      return storage.replace(/(BlobEndpoint=http:\/\/127\.0\.0\.1:)\d+/, `$1${proxy.port}`);
    },
  });
  instance = await scene.protect("laden", scene.database);
  await scene.backUp(instance);
  point = (await scene.recoveryPoints(instance))[0]!.name;
});
afterAll(async () => {
  await scene?.stop();
  await proxy?.stop();
});
afterEach(async () => {
  proxy.heal();
  expect(await scene.databases()).toEqual([scene.database]);
});

test("sessions that the server ends while they copy are tried again", async () => {
  const jobId = await scene.startRestore(instance, point, "copied");
  await terminateCopies(scene.cluster);
  await expectRestored(jobId, "copied");
});

test("a restart of PostgreSQL during the restore is survived", async () => {
  const jobId = await scene.startRestore(instance, point, "restarted");
  await untilCopying(scene.cluster);
  await scene.cluster.restart("immediate");
  await expectRestored(jobId, "restarted");
});

test.for(["fail", "stall"] as const)(
  "a blob endpoint that %ss for some seconds is survived",
  async (how) => {
    const jobId = await scene.startRestore(instance, point, how);
    await untilCopying(scene.cluster);
    proxy[how]();
    await sleep(4_000);
    proxy.heal();
    await expectRestored(jobId, how);
  },
);

test("one turned bit anywhere in what is restored fails the restore and leaves nothing", async () => {
  const bytes = await bytesOfEachKind(scene.app.storage);
  expect(bytes).toHaveLength(9);
  for (const { what, pack, offset } of bytes) await expectDetected(what, pack, offset);
});

test("one turned bit at either end of a stored blob fails the restore and leaves nothing", async () => {
  for (const pack of (await lookAtVault(scene.app.storage)).packs) {
    await expectDetected(`first byte of ${pack}`, pack, 0);
    await expectDetected(`last byte of ${pack}`, pack, -1);
  }
});

test("a mended recovery point restores", async () => {
  const jobId = await scene.startRestore(instance, point, "mended");
  await expectRestored(jobId, "mended");
});

async function expectDetected(what: string, pack: string, offset: number): Promise<void> {
  await turnBit(scene.app.storage, pack, offset);
  try {
    const job = await scene.restore(instance, point, "corrupt");
    expect(job.properties.status, what).toBe("Failed");
    const [error] = job.properties.errorDetails ?? [];
    expect(error?.code, what).toBe("RecoveryPointCorrupt");
    expect(error?.message, what).toContain(point);
    expect(await scene.databases(), what).toEqual([scene.database]);
  } finally {
    await turnBit(scene.app.storage, pack, offset);
    await scene.cluster.psql("DROP DATABASE IF EXISTS corrupt");
  }
}

async function expectRestored(jobId: string, database: string): Promise<void> {
  const job = await scene.client.followJob(jobId);
  expect(outcomeOf(job)).toBe("Completed");
  expect(await differences(scene, database)).toEqual([]);
  await scene.cluster.psql(`DROP DATABASE "${database}"`);
}
