import { expect, test } from "vitest";
import { createActivities } from "../../src/activities/activities.ts";
import { fault } from "../../src/domain/fault.ts";
import { instanceRef } from "../support/records.ts";
import { adhoc, createRig, jobIds } from "./rig.ts";

const farFuture = "2200-01-01T00:00:00.000Z";

async function closeTwice(sendsEvents: boolean) {
  const rig = createRig();
  await rig.protect();
  const ports = { ...rig.ports, settings: { ...rig.ports.settings, sendsEvents } };
  const { openBackup, closeJob } = createActivities(ports);
  const [jobId = ""] = jobIds(1);
  const job = { instance: instanceRef, jobId };
  await openBackup({ ...job, trigger: adhoc, workflowId: `backUp-${jobId}` });
  const failure = fault("UserErrorDBNotFound", { database: "shop", server: "pg1:5432" });
  await closeJob({ ...job, status: "Failed", fault: failure });
  rig.clock.advance(60_000);
  await closeJob({ ...job, status: "Completed" });
  return { jobId, events: await rig.catalog.due.upTo("event", farFuture, 10) };
}

test("a job that ends is told once, by its own id, and the first ending is what is told", async () => {
  const { jobId, events } = await closeTwice(true);
  expect(events).toHaveLength(1);
  expect(events[0]?.payload["event"]).toMatchObject({
    specversion: "1.0",
    id: jobId,
    type: "Pgvault.BackupJob.Failed",
    data: { status: "Failed", error: { code: "UserErrorDBNotFound" } },
  });
});

test("where no topic is set nothing is laid out", async () => {
  expect((await closeTwice(false)).events).toEqual([]);
});
