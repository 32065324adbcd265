import { expect, test } from "vitest";
import { fault } from "../../src/domain/fault.ts";
import type { WorkflowInputs } from "../../src/workflows/inputs.ts";
import { rehydrate } from "../../src/workflows/rehydrate.ts";
import { runWorkflow } from "./run-workflow.ts";

const input: WorkflowInputs["rehydrate"] = {
  operationId: "operation",
  jobId: "11111111-2222-4333-8444-555555555555",
  vault: { subscriptionId: "s", resourceGroup: "g", vaultName: "v" },
  instanceName: "i",
  recoveryPointId: "a".repeat(32),
  rehydration: { priority: "Standard", retentionDays: 15 },
};
const done = { state: "done", needed: true, expiresAt: "2026-01-20T00:00:00.000Z" } as const;
const pending = { state: "pending", needed: true } as const;
const names = (run: ReturnType<typeof runWorkflow>) => run.calls.map((call) => call.activity);

test("a rehydration gives the instance back while it waits, and says until when the copy is kept", () => {
  const run = runWorkflow(rehydrate, input, {
    rehydrateStep: (_, call) => (call === 1 ? pending : done),
  });
  expect(names(run)).toEqual([
    "openRehydration",
    "endOperation",
    "takeLease",
    "rehydrateStep",
    "releaseLease",
    "takeLease",
    "rehydrateStep",
    "closeJob",
    "releaseLease",
  ]);
  expect(run.calls.at(-2)?.input).toMatchObject({
    status: "Completed",
    change: { details: { RehydratedUntil: done.expiresAt } },
  });
});

test("a backup that began while it waited goes first, for hours if need be", () => {
  const busy = fault("UserErrorMaxConcurrentOperationLimitReached", { instance: "i", detail: "" });
  const run = runWorkflow(rehydrate, input, {
    rehydrateStep: (_, call) => (call === 1 ? pending : done),
    takeLease: (_, call) => (call > 1 && call < 200 ? busy : {}),
  });
  expect(run.calls.at(-2)?.input).toMatchObject({ status: "Completed" });
  const hours = (run.endedAtMs - Date.parse("2026-01-05T06:30:00Z")) / 3_600_000;
  expect(hours).toBeGreaterThan(2);
});

test("one that Azure never finishes ends after 36 hours with a fault that says so", () => {
  const run = runWorkflow(rehydrate, input, { rehydrateStep: () => pending });
  expect(run.calls.findLast((call) => call.activity === "closeJob")?.input).toMatchObject({
    status: "Failed",
    fault: { code: "OperationTimedOut" },
  });
});

test("a rehydration that is cancelled while it waits ends its job as Cancelled", () => {
  const run = runWorkflow(rehydrate, input, { rehydrateStep: () => pending }, { cancel: {} });
  expect(run.calls.findLast((call) => call.activity === "closeJob")?.input).toMatchObject({
    status: "Cancelled",
    fault: { code: "JobCancelled" },
  });
  expect(names(run).filter((name) => name === "rehydrateStep")).toHaveLength(1);
});
