import type { JobRef } from "../activities/activity-types.ts";
import { type Fault, toFault } from "../domain/fault.ts";
import type { JobChange } from "../domain/job.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { bookkeepingRetry, type RetryPlan, retrying } from "./retrying.ts";

/**
 * Holds the instance's lease around `work`, and closes the job with its outcome. Nothing that
 * `work` throws gets past the job: it becomes the job's error.
 */
export function* withLease(
  context: WorkflowContext,
  job: JobRef,
  patience: RetryPlan,
  work: () => Workflow<JobChange & { warned?: boolean }>,
): Workflow<void> {
  let ending:
    | { status: "Completed" | "CompletedWithWarnings" }
    | { status: "Failed" | "Cancelled"; fault: Fault };
  let change: JobChange = {};
  let leased = false;
  try {
    yield* retrying(context, patience, () => context.call("takeLease", job));
    leased = true;
    const { warned, ...outcome } = yield* work();
    change = outcome;
    ending = { status: warned === true ? "CompletedWithWarnings" : "Completed" };
  } catch (error) {
    const fault = toFault(error);
    ending = { status: fault.code === "JobCancelled" ? "Cancelled" : "Failed", fault };
  }
  yield* retrying(context, bookkeepingRetry, () =>
    context.call("closeJob", { ...job, ...ending, change }),
  );
  if (leased) yield* retrying(context, bookkeepingRetry, () => context.call("releaseLease", job));
}

/** Says in the job that an attempt failed and that another follows. */
export function* noteRetry(
  context: WorkflowContext,
  job: JobRef,
  fault: Fault,
  attempt: number,
): Workflow<void> {
  yield* context.call("changeJob", {
    ...job,
    change: { details: { [`Attempt${attempt}Error`]: `${fault.code}: ${fault.message}` } },
  });
}
