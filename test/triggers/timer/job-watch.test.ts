import { expect, test } from "vitest";
import { createAbandonJob } from "../../../src/activities/abandon-job.ts";
import { minuteMs } from "../../../src/domain/instant.ts";
import { recoveryPointIdOf } from "../../../src/domain/recovery-point.ts";
import { leaseName, recoveryPointFolder } from "../../../src/domain/vault-paths.ts";
import type { WorkflowStatus } from "../../../src/ports/workflow-client.ts";
import { runJobWatch } from "../../../src/triggers/timer/job-watch.ts";
import { createRig, jobIds, scheduled } from "../../activities/rig.ts";
import { instanceRef, vaultRef } from "../../support/records.ts";
import { createFakeEngine } from "./tick-rig.ts";

const [first = "", second = ""] = jobIds(2);
const trigger = scheduled("2026-01-04T06:30:00.000Z");

/** Jobs whose workflow the engine knows in this state; undefined: not at all. */
async function watched(statuses: readonly (WorkflowStatus | undefined)[]) {
  const rig = createRig();
  await rig.protect();
  const engine = createFakeEngine();
  for (const [n, status] of statuses.entries()) {
    const jobId = jobIds(statuses.length)[n] ?? "";
    await rig.activities.openBackup({ instance: instanceRef, jobId, trigger, workflowId: `w${n}` });
    if (status !== undefined) engine.statuses.set(`w${n}`, status);
  }
  const abandonJob = createAbandonJob(rig.ports);
  const watch = () => runJobWatch({ ...rig.ports, abandonJob }, engine.client);
  const job = async (id = first) => (await rig.catalog.jobs.get(vaultRef, id))?.value;
  return { rig, engine, watch, job };
}

test.each([
  ["Running", "InProgress"],
  ["Completed", "Failed"],
  ["Failed", "Failed"],
  ["Terminated", "Failed"],
  [undefined, "Failed"],
] as const)("a job whose workflow is %s is %s", async (status, expected) => {
  const { rig, watch, job } = await watched([status]);
  rig.clock.advance(3 * minuteMs);
  await watch();
  expect((await job())?.status).toBe(expected);
});

test("a job that was opened a moment ago is left alone", async () => {
  const { rig, watch, job } = await watched([undefined]);
  rig.clock.advance(minuteMs);
  expect(await watch()).toMatchObject({ open: 1, abandoned: 0 });
  expect((await job())?.status).toBe("InProgress");
});

test("an abandoned backup leaves no packs, no ticket and no lease, and says why it ended", async () => {
  const { rig, watch, job } = await watched([undefined]);
  const ref = { instance: instanceRef, jobId: first };
  await rig.activities.takeLease(ref);
  await rig.activities.takeDumpSlot({ ...ref, requestedAt: trigger.dueAt });
  await rig.activities.dumpDatabase({ ...ref, attempt: "a", slot: "s" });
  rig.clock.advance(3 * minuteMs);
  await watch();
  expect((await job())?.errors).toMatchObject([{ code: "JobAbandoned" }]);
  const folder = recoveryPointFolder(instanceRef, recoveryPointIdOf(first));
  expect(rig.blobs.paths().filter((path) => path.startsWith(folder))).toEqual([]);
  expect(await rig.due("dumpqueue")).toEqual([]);
  expect(await rig.leases.acquire(leaseName(instanceRef), "another")).toBe("acquired");
});

test("a backup whose workflow was lost after its commit is completed, and its point is indexed", async () => {
  const { rig, watch, job } = await watched([undefined]);
  const ref = { instance: instanceRef, jobId: first };
  const { attempt } = await rig.activities.dumpDatabase({ ...ref, attempt: "a", slot: "s" });
  await rig.activities.commitRecoveryPoint({ ...ref, attempt, trigger });
  await rig.catalog.recoveryPoints.delete(instanceRef, recoveryPointIdOf(first));
  rig.clock.advance(3 * minuteMs);
  await watch();
  expect(await job()).toMatchObject({ status: "CompletedWithWarnings", errors: [] });
  const { items } = await rig.catalog.recoveryPoints.list(instanceRef, { limit: 5 });
  expect(items.map(({ id }) => id)).toEqual([recoveryPointIdOf(first)]);
});

test("one job that cannot be ended does not keep the others", async () => {
  const { rig, engine, watch, job } = await watched([undefined, undefined]);
  engine.client.status = (id) =>
    id === "w0"
      ? Promise.reject(new Error("engine away"))
      : Promise.resolve(engine.statuses.get(id));
  rig.clock.advance(3 * minuteMs);
  expect(await watch()).toMatchObject({
    abandoned: 1,
    failures: [{ key: first, error: new Error("engine away") }],
  });
  expect((await job(second))?.status).toBe("Failed");
});
