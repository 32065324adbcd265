import { fault } from "../domain/fault.ts";
import { parseInstant } from "../domain/instant.ts";
import type { Job } from "../domain/job.ts";
import { recoveryPointIdOf } from "../domain/recovery-point.ts";
import type { JobRef } from "./activity-types.ts";
import { createDiscardAttempts } from "./discard-attempts.ts";
import { createReleaseDumpSlot } from "./dump-slots.ts";
import { indexRecoveryPoint } from "./index-recovery-point.ts";
import { createCloseJob } from "./jobs.ts";
import { createReleaseLease } from "./leases.ts";
import type { ActivityPorts } from "./ports.ts";
import { readManifest } from "./read-manifest.ts";

/**
 * Ends a job whose workflow is gone, and removes what that workflow would have removed. A backup that
 * had written its manifest has made a recovery point, whatever became of its workflow: that is
 * indexed, and the job is completed.
 */
export const createAbandonJob =
  (ports: ActivityPorts) =>
  async (job: Job, detail: string): Promise<void> => {
    const ref = { instance: { ...job.vault, instanceName: job.instanceName }, jobId: job.id };
    if (job.category === "Backup" && (await adoptRecoveryPoint(ports, ref, job))) {
      const warning = { resourceName: job.friendlyName, warning: `Completed late: ${detail}` };
      const status = "CompletedWithWarnings";
      await createCloseJob(ports)({ ...ref, status, change: { warning } });
    } else {
      const failure = fault("JobAbandoned", { detail });
      await createCloseJob(ports)({ ...ref, status: "Failed", fault: failure });
    }
    await createReleaseLease(ports)(ref);
  };

/** Whether there is one; frees whatever else the job has left. */
async function adoptRecoveryPoint(ports: ActivityPorts, ref: JobRef, job: Job): Promise<boolean> {
  await createDiscardAttempts(ports)(ref);
  await createReleaseDumpSlot(ports)(ref);
  const manifest = await readManifest(ports, ref.instance, recoveryPointIdOf(job.id));
  if (manifest === undefined) return false;
  const dueAt = parseInstant(job.details["DueTime"] ?? "");
  await indexRecoveryPoint(ports, ref.instance, manifest, dueAt);
  return true;
}
