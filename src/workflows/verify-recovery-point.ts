import type { Workflow, WorkflowContext } from "./context.ts";
import { runEvidenceJob } from "./evidence-job.ts";
import type { WorkflowInputs } from "./inputs.ts";
import { retrying, transferRetry } from "./retrying.ts";

/** Re-reads a recovery point segment by segment; the job says what was found. */
export function* verifyRecoveryPoint(
  context: WorkflowContext,
  input: WorkflowInputs["verifyRecoveryPoint"],
): Workflow<void> {
  const { recoveryPointId } = input;
  yield* runEvidenceJob(context, input, ["Verify", "verifyRecoveryPoint"], function* (job) {
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
