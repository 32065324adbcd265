import type { Job, SubTask } from "../domain/job.ts";
import type { JsonObject } from "../domain/json.ts";
import { jobResourceId, parseResourceId } from "../domain/resource-id.ts";
import { presentUserFacingError } from "./error-body.ts";
import { unknownInstant, wireDuration, wireInstant } from "./instants.ts";

/** Lists leave `extendedInfo` out, one job carries it. */
export type JobDetail = "list" | "single";

/** In the recorded order of properties, nulls included (arm-contract.md §3.5). */
export const presentJob = (job: Job, detail: JobDetail): JsonObject => ({
  properties: {
    activityID: job.activityId,
    subscriptionId: job.vault.subscriptionId,
    backupInstanceId: job.instanceId,
    policyId: job.policyId,
    dataSourceId: job.datasourceId,
    vaultName: job.vault.vaultName,
    backupInstanceFriendlyName: job.friendlyName,
    policyName: job.policyName,
    sourceResourceGroup: parseResourceId(job.datasourceId)?.resourceGroup ?? "",
    dataSourceSetName: job.datasourceSetName ?? null,
    dataSourceName: job.datasourceName,
    sourceDataStoreName: null,
    sourceDataStoreType: job.sourceStore ?? null,
    destinationDataStoreName: null,
    progressEnabled: true,
    etag: etagOf(job),
    sourceSubscriptionID: parseResourceId(job.datasourceId)?.subscriptionId ?? "",
    dataSourceLocation: job.datasourceLocation,
    startTime: wireInstant(job.startedAt),
    endTime: job.endedAt === undefined ? null : wireInstant(job.endedAt),
    dataSourceType: job.datasourceType,
    operationCategory: job.category,
    operation: job.operation,
    status: job.status,
    restoreType: null,
    isUserTriggered: job.isUserTriggered,
    rehydrationPriority: job.rehydrationPriority ?? null,
    supportedActions: [""],
    duration: wireDuration(job.startedAt, job.endedAt),
    progressUrl: null,
    isCrossRegionRestore: null,
    errorDetails: job.errors.length === 0 ? null : job.errors.map(presentUserFacingError),
    ...(detail === "list" ? {} : { extendedInfo: presentExtendedInfo(job) }),
  },
  id: jobResourceId(job.vault, job.id),
  name: job.id,
  type: "Microsoft.DataProtection/backupVaults/backupJobs",
});

function presentExtendedInfo(job: Job): JsonObject {
  const isBackup = job.category === "Backup";
  const details = { ...job.details, ...progressFacts(job) };
  return {
    backupInstanceState: null,
    dataTransferredInBytes: job.dataTransferredBytes ?? null,
    targetRecoverPoint: isBackup ? presentPoint(job) : null,
    sourceRecoverPoint: isBackup ? null : presentPoint(job),
    recoveryDestination: job.recoveryDestination ?? null,
    subTasks: job.subTasks.map((task) => presentSubTask(task, job)),
    additionalDetails: Object.keys(details).length === 0 ? null : details,
    ...(job.warnings.length === 0
      ? {}
      : { warningDetails: job.warnings.map((warning) => ({ ...warning })) }),
  };
}

const presentPoint = (job: Job): JsonObject | null =>
  job.recoveryPoint === undefined
    ? null
    : {
        recoveryPointID: job.recoveryPoint.id,
        recoveryPointTime:
          job.recoveryPoint.takenAt === ""
            ? unknownInstant
            : wireInstant(job.recoveryPoint.takenAt),
      };

const presentSubTask = (task: SubTask, job: Job): JsonObject => ({
  taskId: task.id,
  taskName: task.name,
  taskStatus: task.status,
  taskProgress: task.status === "InProgress" ? percentOf(job) : null,
  additionalDetails: Object.keys(task.details).length === 0 ? null : { ...task.details },
});

/** Whole percents of a transfer whose size is known or estimated; 100 is left to the end. */
function percentOf(job: Job): number | null {
  const { bytesDone, bytesTotal } = job.progress ?? {};
  if (bytesDone === undefined || bytesTotal === undefined || bytesTotal <= 0) return null;
  return Math.min(99, Math.floor((bytesDone / bytesTotal) * 100));
}

/** Progress of a running transfer as texts, the only kind that `additionalDetails` may hold. */
function progressFacts(job: Job): Readonly<Record<string, string>> {
  if (job.status !== "InProgress" || job.progress === undefined) return {};
  const { at, ...numbers } = job.progress;
  return Object.fromEntries([
    ...Object.entries(numbers).map(([name, value]) => [`progress.${name}`, String(value)] as const),
    ["progress.at", wireInstant(at)] as const,
  ]);
}

const etagOf = (job: Job): string =>
  `W/"datetime'${encodeURIComponent(wireInstant(job.endedAt ?? job.progress?.at ?? job.startedAt))}'"`;
