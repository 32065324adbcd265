import { expect, test } from "vitest";
import { fault } from "../../src/domain/fault.ts";
import { revalidate } from "../../src/workflows/revalidate.ts";
import { runWorkflow } from "./run-workflow.ts";

const instance = { subscriptionId: "s", resourceGroup: "g", vaultName: "v", instanceName: "i" };
const { instanceName, ...vault } = instance;
const input = { validationId: "v1", vault, instanceName };
const validation = { id: "v1", startedAt: "2026-01-05T06:30:00.000Z" };
const recorded = (run: ReturnType<typeof runWorkflow>) =>
  run.calls.filter(({ activity }) => activity === "recordValidation").map((call) => call.input);

test("an instance that is ready is recorded as such", () => {
  expect(recorded(runWorkflow(revalidate, input, {}))).toEqual([{ instance, validation }]);
});

test("a problem is recorded as it was found", () => {
  const problem = fault("UserErrorDBNotFound", { database: "d", server: "h" });
  const run = runWorkflow(revalidate, input, { checkSource: () => problem });
  expect(recorded(run)).toEqual([{ instance, validation, fault: problem }]);
  expect(run.calls).toHaveLength(2);
});

test("a server that restarts is asked again before it counts as a problem", () => {
  const closed = fault("UserErrorServerConnectionClosed", { server: "h", detail: "restart" });
  const back = runWorkflow(revalidate, input, {
    checkSource: (_input, call) => (call < 4 ? closed : {}),
  });
  expect(recorded(back)).toEqual([{ instance, validation }]);
  const gone = runWorkflow(revalidate, input, { checkSource: () => closed });
  expect(recorded(gone)).toEqual([{ instance, validation, fault: closed }]);
});

test("trouble of pgvault's own says nothing about the instance", () => {
  const down = fault("StorageUnavailable", { detail: "down" });
  expect(recorded(runWorkflow(revalidate, input, { checkSource: () => down }))).toEqual([]);
});
