import { describe, expect, test } from "vitest";
import { fault } from "../../src/domain/fault.ts";
import {
  changeProtection,
  replanInstance,
  replanPolicy,
} from "../../src/workflows/change-protection.ts";
import { runWorkflow } from "./run-workflow.ts";

const vault = { subscriptionId: "s", resourceGroup: "g", vaultName: "v" };
const target = { operationId: "operation", vault, instanceName: "i" };
const instance = { ...vault, instanceName: "i" };

describe("a change of protection", () => {
  test("sets the state, then ends the operation", () => {
    const { calls } = runWorkflow(changeProtection, { ...target, state: "ProtectionStopped" }, {});
    expect(calls).toEqual([
      {
        activity: "setProtection",
        input: { instance, state: "ProtectionStopped", provisioningState: "Succeeded" },
      },
      { activity: "endOperation", input: { operationId: "operation" } },
    ]);
  });

  test("that the tables refuse for good ends the operation with the fault", () => {
    const conflict = fault("UserErrorGenericResourceNotFound", { resource: "i" });
    const input = { ...target, state: "ProtectionStopped" } as const;
    const { calls } = runWorkflow(changeProtection, input, { setProtection: () => conflict });
    expect(calls.at(-1)).toMatchObject({
      activity: "endOperation",
      input: { fault: { code: "UserErrorGenericResourceNotFound" } },
    });
  });

  test("is tried again while storage does not answer", () => {
    const down = fault("StorageUnavailable", { detail: "503" });
    const input = { ...target, state: "ProtectionStopped" } as const;
    const { calls } = runWorkflow(changeProtection, input, {
      setProtection: (_input, call) => (call < 3 ? down : {}),
    });
    expect(calls.filter(({ activity }) => activity === "setProtection")).toHaveLength(3);
    expect(calls.at(-1)).toEqual({
      activity: "endOperation",
      input: { operationId: "operation" },
    });
  });
});

test("another policy plans the instance anew, and tells the operation", () => {
  const { calls } = runWorkflow(replanInstance, target, {});
  expect(calls).toEqual([
    { activity: "replanInstance", input: { instance } },
    { activity: "endOperation", input: { operationId: "operation" } },
  ]);
});

test("a changed policy plans its instances anew; nobody polls for it", () => {
  const { calls } = runWorkflow(replanPolicy, { vault, policyName: "p" }, {});
  expect(calls).toEqual([{ activity: "replanPolicy", input: { vault, policyName: "p" } }]);
});
