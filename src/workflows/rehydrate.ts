import type { JobRef } from "../activities/activity-types.ts";
import { FaultError, fault } from "../domain/fault.ts";
import type { RehydrationSpec } from "../domain/restore-spec.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import { type WorkflowInputs, workflowId } from "./inputs.ts";
import { askedLeaseRetry, bookkeepingRetry, retrying, scheduledLeaseRetry } from "./retrying.ts";
import { withLease } from "./running-job.ts";

/** Event that ends the waiting; the copy that was started is removed at its end as any other. */
export const cancelEvent = "cancel";

const minuteMs = 60_000;
const firstWaitMs = 5_000;
/** Azure takes up to 15 hours at Standard priority; twice that is a fault worth reporting. */
const patienceMs = 36 * 60 * minuteMs;
const maxWaitMs = 15 * minuteMs;

/** Brings an archived recovery point back for a while, on its own. */
export function* rehydrate(
  context: WorkflowContext,
  input: WorkflowInputs["rehydrate"],
): Workflow<void> {
  const { operationId, recoveryPointId, rehydration } = input;
  const job: JobRef = {
    instance: { ...input.vault, instanceName: input.instanceName },
    jobId: input.jobId,
  };
  const opened = yield* tellOperation(context, operationId, input.jobId, () =>
    context.call("openRehydration", {
      ...job,
      recoveryPointId,
      rehydration,
      workflowId: workflowId("rehydrate", input.jobId),
    }),
  );
  if (!opened) return;
  yield* withLease(context, job, askedLeaseRetry, function* () {
    const expiresAt = yield* untilRehydrated(context, job, recoveryPointId, rehydration);
    return {
      details: expiresAt === undefined ? {} : { RehydratedUntil: expiresAt },
      subTask: { id: 1, name: "Rehydrate", status: "Completed", details: {} },
    };
  });
}

/**
 * Starts the rehydration and waits on durable timers, at growing intervals, until the copy can be
 * read. The instance's lease is given back while waiting, because hours without backups would be a
 * high price; it is taken again for what follows. Answers until when the copy is kept; undefined
 * when none was needed.
 */
export function* untilRehydrated(
  context: WorkflowContext,
  job: JobRef,
  recoveryPointId: string,
  rehydration: RehydrationSpec,
): Workflow<string | undefined> {
  const giveUpAt = context.now() + patienceMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    const step = yield* retrying(context, bookkeepingRetry, () =>
      context.call("rehydrateStep", { ...job, recoveryPointId, rehydration }),
    );
    if (step.state === "done") return step.expiresAt;
    if (context.now() > giveUpAt) throw outOfPatience(recoveryPointId);
    yield* retrying(context, bookkeepingRetry, () => context.call("releaseLease", job));
    const cancelled = yield* context.waitFor(cancelEvent, context.now() + waitMs);
    if (cancelled !== undefined) throw cancelledByUser(recoveryPointId);
    // A backup that began meanwhile goes first.
    yield* retrying(context, scheduledLeaseRetry, () => context.call("takeLease", job));
  }
}

const outOfPatience = (recoveryPointId: string): FaultError =>
  new FaultError(
    fault("OperationTimedOut", {
      what: `Rehydration of recovery point ${recoveryPointId}`,
      limit: "36 hours",
    }),
  );

const cancelledByUser = (recoveryPointId: string): FaultError =>
  new FaultError(
    fault("JobCancelled", {
      detail: `it waited for the rehydration of recovery point ${recoveryPointId}.`,
    }),
  );
