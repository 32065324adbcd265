import { expect, test } from "vitest";
import { fault } from "../../src/domain/fault.ts";
import { configureProtection } from "../../src/workflows/configure-protection.ts";
import { runWorkflow } from "./run-workflow.ts";

const input = {
  operationId: "operation",
  vault: { subscriptionId: "s", resourceGroup: "g", vaultName: "v" },
  instanceName: "i",
};
const states = (run: ReturnType<typeof runWorkflow>) =>
  run.calls
    .filter((call) => call.activity === "setProtection")
    .map((call) => (call.input as { state: string }).state);

test("the operation ends before the server is asked; protection follows", () => {
  const run = runWorkflow(configureProtection, input, {});
  expect(run.calls.map((call) => call.activity)).toEqual([
    "setProtection",
    "endOperation",
    "checkSource",
    "setProtection",
  ]);
  expect(states(run)).toEqual(["ConfiguringProtection", "ProtectionConfigured"]);
});

test("a server that cannot be backed up leaves the instance failed, with the error", () => {
  const failure = fault("UserErrorDBUserAuthFailed", { server: "h", role: "r", detail: "" });
  const run = runWorkflow(configureProtection, input, { checkSource: () => failure });
  expect(states(run)).toEqual(["ConfiguringProtection", "ConfiguringProtectionFailed"]);
  expect(run.calls.at(-1)?.input).toMatchObject({ fault: failure, provisioningState: "Succeeded" });
});
