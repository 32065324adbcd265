import type { CommittedPoint, DumpSummary, JobRef } from "../activities/activity-types.ts";
import type { JobChange } from "../domain/job.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import { type BackUpInput, workflowId } from "./inputs.ts";
import {
  askedLeaseRetry,
  bookkeepingRetry,
  retrying,
  scheduledLeaseRetry,
  transferRetry,
} from "./retrying.ts";
import { noteRetry, withLease } from "./running-job.ts";

/**
 * open job → lease → validate → dump to packs → commit manifest → close job. Whatever fails, the
 * packs of every uncommitted attempt are removed, the lease is given back and the job says why.
 */
export function* backUp(context: WorkflowContext, input: BackUpInput): Workflow<void> {
  const job: JobRef = {
    instance: { ...input.vault, instanceName: input.instanceName },
    jobId: input.jobId,
  };
  const opened = yield* tellOperation(context, input.operationId, input.jobId, () =>
    context.call("openBackup", {
      ...job,
      trigger: input.trigger,
      workflowId: workflowId("backUp", input.jobId),
    }),
  );
  if (!opened) return;
  const patience = input.trigger.kind === "adhoc" ? askedLeaseRetry : scheduledLeaseRetry;
  yield* withLease(context, job, patience, () => dumpAndCommit(context, job, input));
}

function* dumpAndCommit(
  context: WorkflowContext,
  job: JobRef,
  input: BackUpInput,
): Workflow<JobChange> {
  try {
    const { dumped, committed } = yield* retrying(
      context,
      transferRetry,
      (attempt) => attemptBackup(context, job, input, `attempt-${attempt}`),
      (fault, attempt) => noteRetry(context, job, fault, attempt),
    );
    return presentOutcome(dumped, committed);
  } finally {
    yield* retrying(context, bookkeepingRetry, () => context.call("discardAttempts", job));
  }
}

function* attemptBackup(
  context: WorkflowContext,
  job: JobRef,
  input: BackUpInput,
  attempt: string,
): Workflow<{ dumped: DumpSummary; committed: CommittedPoint }> {
  const slot = yield* waitForSlot(context, job);
  const dumped = yield* dumpInSlot(context, job, attempt, slot);
  const committed = yield* retrying(context, bookkeepingRetry, () =>
    context.call("commitRecoveryPoint", {
      ...job,
      attempt: dumped.attempt,
      trigger: input.trigger,
    }),
  );
  return { dumped, committed };
}

const firstSlotWaitMs = 5_000;
const maxSlotWaitMs = 60_000;

/** Waits, first come first served, until the server has room for another dump. */
function* waitForSlot(context: WorkflowContext, job: JobRef): Workflow<string> {
  const requestedAt = new Date(context.now()).toISOString();
  for (let waitMs = firstSlotWaitMs; ; waitMs = Math.min(waitMs * 2, maxSlotWaitMs)) {
    const { slot } = yield* retrying(context, bookkeepingRetry, () =>
      context.call("takeDumpSlot", { ...job, requestedAt }),
    );
    if (slot !== undefined) return slot;
    yield* context.sleepUntil(context.now() + waitMs);
  }
}

function* dumpInSlot(
  context: WorkflowContext,
  job: JobRef,
  attempt: string,
  slot: string,
): Workflow<DumpSummary> {
  try {
    yield* context.call("checkSource", job);
    return yield* context.call("dumpDatabase", { ...job, attempt, slot });
  } finally {
    yield* retrying(context, bookkeepingRetry, () =>
      context.call("releaseDumpSlot", { ...job, slot }),
    );
  }
}

const presentOutcome = (dumped: DumpSummary, committed: CommittedPoint): JobChange => ({
  dataTransferredBytes: dumped.storedBytes,
  recoveryPoint: { id: committed.recoveryPointId, takenAt: committed.takenAt },
  details: {
    RetentionTag: committed.tag,
    RetentionRule: committed.rule,
    RetentionReason: committed.reason,
    ...(committed.expiresAt === undefined ? {} : { ExpiryTime: committed.expiresAt }),
  },
  subTask: {
    id: 1,
    name: "Trigger Backup",
    status: "Completed",
    details: {
      OriginalDatasourceSizeInBytes: String(dumped.sourceBytes),
      RawSizeInBytes: String(dumped.rawBytes),
      ServerVersion: dumped.serverVersion,
    },
  },
});
