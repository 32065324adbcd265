import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import type { WorkflowInputs } from "./inputs.ts";
import { validationRetry } from "./retrying.ts";

/** Checks a backup instance that need not exist yet; the operation says what is wrong. */
export function* validateForBackup(
  context: WorkflowContext,
  { operationId, instance }: WorkflowInputs["validateForBackup"],
): Workflow<void> {
  yield* tellOperation(
    context,
    operationId,
    undefined,
    () => context.call("checkDraft", { draft: instance }),
    validationRetry,
  );
}

/** Checks that a restore request can be carried out. */
export function* validateRestore(
  context: WorkflowContext,
  { operationId, vault, instanceName, spec }: WorkflowInputs["validateRestore"],
): Workflow<void> {
  yield* tellOperation(
    context,
    operationId,
    undefined,
    () => context.call("checkRestore", { instance: { ...vault, instanceName }, spec }),
    validationRetry,
  );
}
