import { toFault } from "../domain/fault.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { bookkeepingRetry, type RetryPlan, retrying } from "./retrying.ts";

/**
 * Runs `step` and ends the operation with its outcome: Succeeded (with the job it started), or
 * Failed with its fault. Answers whether the step succeeded. Without an operation a fault is
 * swallowed here only because `step` has written it where people look.
 */
export function* tellOperation(
  context: WorkflowContext,
  operationId: string | undefined,
  jobId: string | undefined,
  step: () => Workflow<unknown>,
  plan: RetryPlan = bookkeepingRetry,
): Workflow<boolean> {
  let ending: { fault?: ReturnType<typeof toFault>; jobId?: string } =
    jobId === undefined ? {} : { jobId };
  try {
    yield* retrying(context, plan, step);
  } catch (error) {
    ending = { fault: toFault(error) };
  }
  if (operationId !== undefined) {
    const id = operationId;
    const told = ending;
    yield* retrying(context, bookkeepingRetry, () =>
      context.call("endOperation", { operationId: id, ...told }),
    );
  }
  return ending.fault === undefined;
}
