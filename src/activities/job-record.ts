import type { BackupInstance } from "../domain/backup-instance.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { isTerminal, type Job } from "../domain/job.ts";
import { type InstanceRef, instanceResourceId } from "../domain/resource-id.ts";
import type { ActivityPorts } from "./ports.ts";

type JobFrame = Omit<Job, "category" | "operation" | "isUserTriggered" | "subTasks" | "details">;

/** The part of a job that follows from its instance. */
export function describeJob(
  { clock, ids }: Pick<ActivityPorts, "clock" | "ids">,
  ref: InstanceRef,
  instance: BackupInstance,
  jobId: string,
  workflowId: string,
): JobFrame {
  return {
    id: jobId,
    vault: instance.vault,
    instanceName: instance.name,
    instanceId: instanceResourceId(ref),
    friendlyName: instance.friendlyName,
    datasourceId: instance.datasource.resourceId,
    datasourceName: instance.datasource.resourceName,
    datasourceType: instance.datasource.datasourceType,
    datasourceLocation: instance.datasource.resourceLocation,
    ...(instance.datasourceSet === undefined
      ? {}
      : { datasourceSetName: instance.datasourceSet.resourceName }),
    policyId: instance.policyId,
    policyName: instance.policyName,
    status: "InProgress",
    startedAt: new Date(clock.now()).toISOString(),
    activityId: ids.newGuid(),
    errors: [],
    warnings: [],
    workflowId,
  };
}

/**
 * Creates the job, or finds the one that an earlier run of the same activity created. A job that
 * has ended is never worked on again: `Conflict`.
 */
export async function createJobOnce({ catalog }: Pick<ActivityPorts, "catalog">, job: Job) {
  if (await catalog.jobs.create(job)) return;
  const existing = await catalog.jobs.get(job.vault, job.id);
  if (existing === undefined || isTerminal(existing.value.status)) {
    throw new FaultError(fault("Conflict", { resource: `backupJobs/${job.id}` }));
  }
}
