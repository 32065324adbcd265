import { expect, test } from "vitest";
import { sampleJob } from "../../support/records.ts";
import { createTestApi, vault, vaultId } from "./test-api.ts";

const pathOf = (id: string) => `${vaultId}/backupJobs/${id}/cancel`;

test("a job that waits for a rehydration is told to end", async () => {
  const api = createTestApi();
  const job = sampleJob({ vault, rehydrationPriority: "Standard", status: "InProgress" });
  await api.catalog.jobs.create(job);
  const answer = await api.send("POST", pathOf(job.id));
  expect(answer.status).toBe(202);
  expect(api.raised).toEqual([{ id: job.workflowId, event: "cancel" }]);
});

test.each([
  ["that transfers data", { rehydrationPriority: undefined }],
  ["that has ended", { rehydrationPriority: "Standard", status: "Completed" as const }],
])("a job %s cannot be cancelled, and is told why", async (_what, changes) => {
  const api = createTestApi();
  const { rehydrationPriority, ...rest } = changes as { rehydrationPriority?: string };
  const job = sampleJob({
    vault,
    ...rest,
    ...(rehydrationPriority === undefined ? {} : { rehydrationPriority }),
  });
  await api.catalog.jobs.create(job);
  const answer = await api.send("POST", pathOf(job.id));
  expect(answer).toMatchObject({ status: 400, body: { error: { code: "UserErrorNotSupported" } } });
  expect(api.raised).toEqual([]);
});

test("a job that does not exist is not found", async () => {
  const api = createTestApi();
  const answer = await api.send("POST", pathOf("11111111-2222-4333-8444-555555555555"));
  expect(answer.status).toBe(404);
});
