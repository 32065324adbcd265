import type { JobRef } from "../activities/activity-types.ts";
import type { JobChange } from "../domain/job.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import { type WorkflowInputs, workflowId } from "./inputs.ts";
import { askedLeaseRetry, retrying, transferRetry } from "./retrying.ts";
import { withLease } from "./running-job.ts";

/** Proves by doing that a recovery point restores; the scratch database never stays. */
export function* proveRecoveryPoint(
  context: WorkflowContext,
  input: WorkflowInputs["proveRecoveryPoint"],
): Workflow<void> {
  const { operationId, recoveryPointId } = input;
  const job: JobRef = {
    instance: { ...input.vault, instanceName: input.instanceName },
    jobId: input.jobId,
  };
  const opened = yield* tellOperation(context, operationId, input.jobId, () =>
    context.call("openVerification", {
      ...job,
      recoveryPointId,
      operation: "Prove",
      workflowId: workflowId("proveRecoveryPoint", input.jobId),
    }),
  );
  if (!opened) return;
  yield* withLease(context, job, askedLeaseRetry, () => prove(context, job, input));
}

function* prove(
  context: WorkflowContext,
  job: JobRef,
  { recoveryPointId, server, checksums }: WorkflowInputs["proveRecoveryPoint"],
): Workflow<JobChange> {
  let finished = false;
  try {
    const proof = yield* retrying(context, transferRetry, () =>
      context.call("proveRecoveryPoint", { ...job, recoveryPointId, server, checksums }),
    );
    finished = true;
    const details = { Tables: String(proof.tables), Rows: String(proof.rows) };
    return {
      dataTransferredBytes: proof.bytes,
      subTask: { id: 1, name: "Prove", status: "Completed", details },
    };
  } finally {
    if (!finished) {
      yield* retrying(context, transferRetry, () =>
        context.call("dropScratch", { ...job, server }),
      );
    }
  }
}
