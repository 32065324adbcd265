import type { CheckOutcome } from "../activities/activity-types.ts";
import { type Fault, toFault } from "../domain/fault.ts";
import type { Notice } from "../domain/notice.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import type { WorkflowInputs } from "./inputs.ts";
import { bookkeepingRetry, retrying, validationRetry } from "./retrying.ts";

/** Checks a backup instance that need not exist yet; the operation says what is wrong. */
export function* validateForBackup(
  context: WorkflowContext,
  { operationId, instance }: WorkflowInputs["validateForBackup"],
): Workflow<void> {
  yield* answerWith(context, operationId, () => context.call("checkDraft", { draft: instance }));
}

/** Checks that a restore request can be carried out. */
export function* validateRestore(
  context: WorkflowContext,
  { operationId, vault, instanceName, spec }: WorkflowInputs["validateRestore"],
): Workflow<void> {
  yield* answerWith(context, operationId, () =>
    context.call("checkRestore", { instance: { ...vault, instanceName }, spec }),
  );
}

/** Ends the operation with what the check found. */
function* answerWith(
  context: WorkflowContext,
  operationId: string,
  check: () => Workflow<CheckOutcome>,
): Workflow<void> {
  const ending = yield* outcomeOf(context, check);
  yield* retrying(context, bookkeepingRetry, () =>
    context.call("endOperation", { operationId, ...ending }),
  );
}

function* outcomeOf(
  context: WorkflowContext,
  check: () => Workflow<CheckOutcome>,
): Workflow<{ fault?: Fault; notices?: readonly Notice[] }> {
  try {
    const { notices = [] } = yield* retrying(context, validationRetry, check);
    return notices.length === 0 ? {} : { notices };
  } catch (error) {
    return { fault: toFault(error) };
  }
}
