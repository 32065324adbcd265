import { fault } from "../domain/fault.ts";
import type { Job } from "../domain/job.ts";
import { createDiscardAttempts } from "./discard-attempts.ts";
import { createCloseJob } from "./jobs.ts";
import { createReleaseLease } from "./leases.ts";
import type { ActivityPorts } from "./ports.ts";

/** Ends a job whose workflow is gone, and removes what that workflow would have removed. */
export const createAbandonJob =
  (ports: ActivityPorts) =>
  async (job: Job, detail: string): Promise<void> => {
    const ref = { instance: { ...job.vault, instanceName: job.instanceName }, jobId: job.id };
    if (job.category === "Backup") await createDiscardAttempts(ports)(ref);
    const failure = fault("JobAbandoned", { detail });
    await createCloseJob(ports)({ ...ref, status: "Failed", fault: failure });
    await createReleaseLease(ports)(ref);
  };
