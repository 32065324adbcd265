import type { JobRef } from "../activities/activity-types.ts";
import type { JobChange } from "../domain/job.ts";
import type { Workflow, WorkflowContext } from "./context.ts";
import { runEvidenceJob } from "./evidence-job.ts";
import type { WorkflowInputs } from "./inputs.ts";
import { retrying, transferRetry } from "./retrying.ts";

/** Proves by doing that a recovery point restores; the scratch database never stays. */
export function* proveRecoveryPoint(
  context: WorkflowContext,
  input: WorkflowInputs["proveRecoveryPoint"],
): Workflow<void> {
  yield* runEvidenceJob(context, input, ["Prove", "proveRecoveryPoint"], (job) =>
    prove(context, job, input),
  );
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
