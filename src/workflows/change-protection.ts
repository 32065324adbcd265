import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import type { WorkflowInputs } from "./inputs.ts";

/** Stops, suspends or resumes: a new protection state and what it means for the due index. */
export function* changeProtection(
  context: WorkflowContext,
  { operationId, vault, instanceName, state }: WorkflowInputs["changeProtection"],
): Workflow<void> {
  yield* tellOperation(context, operationId, undefined, () =>
    context.call("setProtection", {
      instance: { ...vault, instanceName },
      state,
      provisioningState: "Succeeded",
    }),
  );
}

/** An instance was given another policy: its next backup follows that one. */
export function* replanInstance(
  context: WorkflowContext,
  { operationId, vault, instanceName }: WorkflowInputs["replanInstance"],
): Workflow<void> {
  yield* tellOperation(context, operationId, undefined, () =>
    context.call("replanInstance", { instance: { ...vault, instanceName } }),
  );
}

/** A policy was changed: every instance under it follows its new schedule. */
export function* replanPolicy(
  context: WorkflowContext,
  { vault, policyName }: WorkflowInputs["replanPolicy"],
): Workflow<void> {
  yield* tellOperation(context, undefined, undefined, () =>
    context.call("replanPolicy", { vault, policyName }),
  );
}
