import type { JobRef } from "../activities/activity-types.ts";
import type { JobChange } from "../domain/job.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { tellOperation } from "./ending-operation.ts";
import { type WorkflowInputs, type WorkflowName, workflowId } from "./inputs.ts";
import { askedLeaseRetry } from "./retrying.ts";
import { withLease } from "./running-job.ts";

/** Opens the job of a verification or proof and runs it under the instance's lease. */
export function* runEvidenceJob(
  context: WorkflowContext,
  input: WorkflowInputs["verifyRecoveryPoint"],
  [operation, workflow]: readonly ["Verify" | "Prove", WorkflowName],
  work: (job: JobRef) => Workflow<JobChange>,
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
      operation,
      workflowId: workflowId(workflow, input.jobId),
    }),
  );
  if (opened) yield* withLease(context, job, askedLeaseRetry, () => work(job));
}
