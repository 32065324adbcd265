import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pgvaultSessions, untilCopying } from "../support/dump-sessions.ts";
import { differences, expectSound, outcomeOf } from "../support/invariants.ts";
import { type Scene, startScene } from "../support/scene.ts";

let scene: Scene;
let instance: string;
/** How long an undisturbed backup and restore take here. */
let backupMs: number;
let restoreMs: number;
let point: string;

const rounds = 4;

beforeAll(async () => {
  scene = await startScene({ sizeMb: 30 });
  instance = await scene.protect("laden", scene.database);
  let startedAt = performance.now();
  await scene.backUp(instance);
  backupMs = performance.now() - startedAt;
  point = (await scene.recoveryPoints(instance))[0]!.name;
  startedAt = performance.now();
  await scene.restore(instance, point, "measured");
  restoreMs = performance.now() - startedAt;
  await scene.cluster.psql("DROP DATABASE measured");
});
afterAll(() => scene?.stop());

/** Evenly over the operation, and a little past its end; never the same twice. */
const moments = (lengthMs: number): number[] =>
  Array.from({ length: rounds }, (_, round) => ((round + Math.random()) / rounds) * lengthMs * 1.1);

test("a backup survives kill -9 of everything, whenever it comes", async () => {
  let wanted = (await scene.recoveryPoints(instance)).length;
  for (const moment of moments(backupMs)) {
    const jobId = await scene.startBackup(instance);
    await sleep(moment);
    await scene.app.kill9();
    await scene.app.restart();
    const job = await scene.client.followJob(jobId);
    expect(outcomeOf(job), `killed after ${moment} ms`).toBe("Completed");
    wanted += 1;
    expect(await scene.recoveryPoints(instance)).toHaveLength(wanted);
  }
  await expectSound(scene, instance, { databases: [scene.database], recoveryPoints: wanted });
  expect(await pgvaultSessions(scene.cluster)).toBe(0);
});

test("a restore survives kill -9 of everything, whenever it comes", async () => {
  for (const [round, moment] of moments(restoreMs).entries()) {
    const database = `killed ${round}`;
    const jobId = await scene.startRestore(instance, point, database);
    await sleep(moment);
    await scene.app.kill9();
    await scene.app.restart();
    const job = await scene.client.followJob(jobId);
    expect(outcomeOf(job), `killed after ${moment} ms`).toBe("Completed");
    expect(await differences(scene, database)).toEqual([]);
    await scene.cluster.psql(`DROP DATABASE "${database}"`);
  }
  expect(await scene.databases()).toEqual([scene.database]);
});

test("a crashed host is started again by its supervisor and finishes what it began", async () => {
  const before = (await scene.recoveryPoints(instance)).length;
  const backup = await scene.startBackup(instance);
  await untilCopying(scene.cluster);
  await scene.app.crashHost();
  await scene.app.untilHealthy();
  expect(outcomeOf(await scene.client.followJob(backup))).toBe("Completed");
  expect(await scene.recoveryPoints(instance)).toHaveLength(before + 1);

  const restore = await scene.startRestore(instance, point, "after crash");
  await untilCopying(scene.cluster);
  await scene.app.crashHost();
  await scene.app.untilHealthy();
  expect(outcomeOf(await scene.client.followJob(restore))).toBe("Completed");
  expect(await differences(scene, "after crash")).toEqual([]);
  await scene.cluster.psql(`DROP DATABASE "after crash"`);
});
