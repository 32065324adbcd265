import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { pgvaultSessions, terminateCopies, untilCopying } from "../support/dump-sessions.ts";
import { type FlakyProxy, startFlakyProxy } from "../support/flaky-proxy.ts";
import { expectSound, outcomeOf } from "../support/invariants.ts";
import { type MortalPgDump, makeMortalPgDump } from "../support/mortal-pg-dump.ts";
import { type Scene, startScene } from "../support/scene.ts";

let mortal: MortalPgDump;
let proxy: FlakyProxy;
let scene: Scene;
let instance: string;
let points = 0;

beforeAll(async () => {
  mortal = await makeMortalPgDump();
  scene = await startScene({
    sizeMb: 30,
    env: { PGVAULT_PG_BIN: mortal.binDir },
    storageVia: async (storage) => {
      const port = Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(storage)?.[1]);
      proxy = await startFlakyProxy(port);
      return storage.replace(/(BlobEndpoint=http:\/\/127\.0\.0\.1:)\d+/, `$1${proxy.port}`);
    },
  });
  instance = await scene.protect("laden", scene.database);
});
afterAll(async () => {
  await scene?.stop();
  await proxy?.stop();
  await mortal?.remove();
});
afterEach(async () => {
  proxy.heal();
  await expectSound(scene, instance, { databases: [scene.database], recoveryPoints: points });
  expect(await pgvaultSessions(scene.cluster)).toBe(0);
});

test("pg_dump killed half way is tried again, and the backup completes", async () => {
  await mortal.killNext(1);
  const job = await scene.backUp(instance);
  expect(outcomeOf(job)).toBe("Completed");
  points += 1;
});

test("sessions that the server ends while they copy are tried again", async () => {
  const jobId = await scene.startBackup(instance);
  await terminateCopies(scene.cluster);
  const job = await scene.client.followJob(jobId);
  expect(outcomeOf(job)).toBe("Completed");
  points += 1;
});

test.for(["fast", "immediate"] as const)(
  "a %s restart of PostgreSQL during the backup is survived",
  async (mode) => {
    const jobId = await scene.startBackup(instance);
    await untilCopying(scene.cluster);
    await scene.cluster.restart(mode);
    const job = await scene.client.followJob(jobId);
    expect(outcomeOf(job)).toBe("Completed");
    points += 1;
  },
);

test.for(["fail", "stall"] as const)(
  "a blob endpoint that %ss for some seconds is survived",
  async (how) => {
    const jobId = await scene.startBackup(instance);
    await proxy.untilSent(1_000_000);
    proxy[how]();
    await sleep(4_000);
    proxy.heal();
    const job = await scene.client.followJob(jobId);
    expect(outcomeOf(job)).toBe("Completed");
    points += 1;
  },
);

test("a source that becomes bad during the backup fails the job and leaves nothing", async () => {
  const jobId = await scene.startBackup(instance);
  await untilCopying(scene.cluster);
  await scene.app.putSecret("server", undefined);
  await terminateCopies(scene.cluster);
  const job = await scene.client.followJob(jobId);
  await scene.app.putSecret("server", scene.cluster.connectionString());
  expect(job.properties.status).toBe("Failed");
  expect(job.properties.errorDetails?.[0]?.code).toBe("UserErrorInvalidSecret");
});
