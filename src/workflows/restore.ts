import type { JobRef } from "../activities/activity-types.ts";
import { toFault } from "../domain/fault.ts";
import type { JobChange } from "../domain/job.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import { type WorkflowInputs, workflowId } from "./inputs.ts";
import { untilRehydrated } from "./rehydrate.ts";
import { askedLeaseRetry, bookkeepingRetry, retrying, transferRetry } from "./retrying.ts";
import { noteRetry, withLease } from "./running-job.ts";

/**
 * open job → lease → rehydrate if archived → validate target → restore → close job. A restore that fails removes the
 * database that this job created, and no other.
 */
export function* restore(
  context: WorkflowContext,
  input: WorkflowInputs["restore"],
): Workflow<void> {
  const job: JobRef = {
    instance: { ...input.vault, instanceName: input.instanceName },
    jobId: input.jobId,
  };
  const opened = yield* tellOperation(context, input.operationId, input.jobId, () =>
    context.call("openRestore", {
      ...job,
      spec: input.spec,
      workflowId: workflowId("restore", input.jobId),
    }),
  );
  if (!opened) return;
  yield* withLease(context, job, askedLeaseRetry, () => rehydrateAndRestore(context, job, input));
}

function* rehydrateAndRestore(
  context: WorkflowContext,
  job: JobRef,
  input: WorkflowInputs["restore"],
): Workflow<JobChange & { warned?: boolean }> {
  const { rehydration, recoveryPointId } = input.spec;
  if (rehydration !== undefined) {
    const until = yield* untilRehydrated(context, job, recoveryPointId, rehydration);
    const note = until ?? "not needed: the vault store holds the recovery point";
    const change = { details: { RehydratedUntil: note } };
    yield* retrying(context, bookkeepingRetry, () => context.call("changeJob", { ...job, change }));
  }
  return input.spec.target.kind === "files"
    ? yield* restoreAsFiles(context, job, input)
    : yield* restoreAsDatabase(context, job, input);
}

function* restoreAsFiles(
  context: WorkflowContext,
  job: JobRef,
  { spec }: WorkflowInputs["restore"],
): Workflow<JobChange> {
  const outcome = yield* retrying(
    context,
    transferRetry,
    function* () {
      yield* context.call("checkRestore", { ...job, spec });
      return yield* context.call("restoreFiles", { ...job, spec });
    },
    (fault, attempt) => noteRetry(context, job, fault, attempt),
  );
  return {
    dataTransferredBytes: outcome.bytes,
    subTask: {
      id: 1,
      name: "Trigger Restore",
      status: "Completed",
      details: {
        DataTransferredInBytes: String(outcome.bytes),
        FilesWritten: String(outcome.files),
      },
    },
  };
}

function* restoreAsDatabase(
  context: WorkflowContext,
  job: JobRef,
  { spec }: WorkflowInputs["restore"],
): Workflow<JobChange & { warned?: boolean }> {
  let mayHaveLeftovers = false;
  try {
    const outcome = yield* retrying(
      context,
      transferRetry,
      function* () {
        yield* context.call("checkRestore", { ...job, spec });
        mayHaveLeftovers = true;
        return yield* context.call("restoreDatabase", { ...job, spec });
      },
      (fault, attempt) => noteRetry(context, job, fault, attempt),
    );
    mayHaveLeftovers = false;
    yield* retrying(context, transferRetry, () => context.call("keepRestored", { ...job, spec }));
    return {
      dataTransferredBytes: outcome.bytes,
      warned: outcome.warnings.length > 0,
      subTask: {
        id: 1,
        name: "Trigger Restore",
        status: "Completed",
        details: {
          DataTransferredInBytes: String(outcome.bytes),
          TablesRestored: String(outcome.tables),
          RowsRestored: String(outcome.rows),
        },
      },
    };
  } finally {
    if (mayHaveLeftovers) yield* dropLeftovers(context, job, spec);
  }
}

/** As far as the server can be reached: what then stays carries the job's mark, and the job says so. */
function* dropLeftovers(
  context: WorkflowContext,
  job: JobRef,
  spec: WorkflowInputs["restore"]["spec"],
): Workflow<void> {
  try {
    yield* retrying(context, transferRetry, () => context.call("dropRestored", { ...job, spec }));
  } catch (error) {
    const change = { details: { HalfRestoredDatabase: `may remain: ${toFault(error).message}` } };
    yield* retrying(context, bookkeepingRetry, () => context.call("changeJob", { ...job, change }));
  }
}
