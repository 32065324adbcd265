import type { BackupInstance, ProtectionState } from "./backup-instance.ts";
import type { Fault } from "./fault.ts";
import { guidOf } from "./guid.ts";
import type { Job } from "./job.ts";
import type { JsonObject } from "./json.ts";
import { instanceKey, instanceResourceId, jobResourceId, vaultResourceId } from "./resource-id.ts";

/** A CloudEvents 1.0 event, as it is sent. `source` and `id` together are unique. */
export interface VaultEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: VaultEventType;
  readonly subject: string;
  /** ISO instant. */
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: JsonObject;
}

export const vaultEventTypes = [
  "Pgvault.BackupInstance.ProtectionErrorRaised",
  "Pgvault.BackupInstance.ProtectionErrorCleared",
  "Pgvault.BackupJob.Completed",
  "Pgvault.BackupJob.CompletedWithWarnings",
  "Pgvault.BackupJob.Failed",
  "Pgvault.BackupJob.Cancelled",
] as const;
export type VaultEventType = (typeof vaultEventTypes)[number];

/**
 * What a move between protection states tells the world; undefined when it is no news. The id
 * derives from `cause`, so that a repeated step tells the same event.
 */
export function protectionEvent(
  before: BackupInstance,
  after: BackupInstance,
  { cause, time }: { readonly cause: string; readonly time: string },
): VaultEvent | undefined {
  const type = newsOf(before.protectionState, after.protectionState);
  if (type === undefined) return undefined;
  const ref = { ...after.vault, instanceName: after.name };
  return {
    specversion: "1.0",
    id: guidOf(`${type}|${instanceKey(ref)}|${cause}`),
    source: vaultResourceId(after.vault),
    type,
    subject: instanceResourceId(ref),
    time,
    datacontenttype: "application/json",
    data: {
      friendlyName: after.friendlyName,
      dataSourceId: after.datasource.resourceId,
      currentProtectionState: after.protectionState,
      ...(after.protectionError === undefined ? {} : { error: summaryOf(after.protectionError) }),
    },
  };
}

/** The end of a job; undefined while it runs. The id is the job's own, so that it is told once. */
export function jobEndedEvent(job: Job): VaultEvent | undefined {
  const { status, endedAt } = job;
  if (status === "InProgress" || status === "Cancelling" || endedAt === undefined) return undefined;
  const [error] = job.errors;
  return {
    specversion: "1.0",
    id: job.id,
    source: vaultResourceId(job.vault),
    type: `Pgvault.BackupJob.${status}`,
    subject: jobResourceId(job.vault, job.id),
    time: endedAt,
    datacontenttype: "application/json",
    data: {
      status,
      operationCategory: job.category,
      operation: job.operation,
      isUserTriggered: job.isUserTriggered,
      backupInstanceId: job.instanceId,
      friendlyName: job.friendlyName,
      dataSourceId: job.datasourceId,
      startTime: job.startedAt,
      endTime: endedAt,
      recoveryPointId: job.recoveryPoint?.id ?? null,
      ...(error === undefined ? {} : { error: summaryOf(error) }),
    },
  };
}

function newsOf(before: ProtectionState, after: ProtectionState): VaultEventType | undefined {
  if (before === after) return undefined;
  if (after === "ProtectionError") return "Pgvault.BackupInstance.ProtectionErrorRaised";
  return before === "ProtectionError" ? "Pgvault.BackupInstance.ProtectionErrorCleared" : undefined;
}

/** All findings stand in the instance; an event stays below Event Grid's 64 KB. */
const summaryOf = ({ code, message, target, recommendedAction, details }: Fault): JsonObject => ({
  code,
  message,
  target: target ?? null,
  recommendedAction,
  findings: details?.length ?? 1,
});
