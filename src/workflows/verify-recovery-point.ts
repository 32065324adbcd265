import type { JobRef } from "../activities/activity-types.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import { type WorkflowInputs, workflowId } from "./inputs.ts";
import { askedLeaseRetry, retrying, transferRetry } from "./retrying.ts";
import { withLease } from "./running-job.ts";

/** Re-reads a recovery point segment by segment; the job says what was found. */
export function* verifyRecoveryPoint(
  context: WorkflowContext,
  input: WorkflowInputs["verifyRecoveryPoint"],
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
      operation: "Verify",
      workflowId: workflowId("verifyRecoveryPoint", input.jobId),
    }),
  );
  if (!opened) return;
  yield* withLease(context, job, askedLeaseRetry, function* () {
    const outcome = yield* retrying(context, transferRetry, () =>
      context.call("verifyRecoveryPoint", { ...job, recoveryPointId }),
    );
    const details = { Segments: String(outcome.segments), Bytes: String(outcome.bytes) };
    return {
      dataTransferredBytes: outcome.bytes,
      subTask: { id: 1, name: "Verify", status: "Completed", details },
    };
  });
}
