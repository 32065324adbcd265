import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import type { WorkflowInputs } from "./inputs.ts";

/** Soft-deletes the instance or purges it with its recovery points, as the vault's settings say. */
export function* deleteInstance(
  context: WorkflowContext,
  { operationId, vault, instanceName }: WorkflowInputs["deleteInstance"],
): Workflow<void> {
  yield* tellOperation(context, operationId, undefined, () =>
    context.call("removeInstance", { instance: { ...vault, instanceName } }),
  );
}
