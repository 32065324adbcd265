import type { Fault } from "./fault.ts";
import type { VaultRef } from "./resource-id.ts";

export const jobStatuses = [
  "InProgress",
  "Completed",
  "CompletedWithWarnings",
  "Failed",
  "Cancelling",
  "Cancelled",
] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const isTerminal = (status: JobStatus): boolean =>
  status !== "InProgress" && status !== "Cancelling";

export type JobCategory = "Backup" | "Restore" | "Tiering" | "Management";

export type SubTaskStatus = "NotStarted" | "InProgress" | "Completed" | "Failed" | "Skipped";

/** The customer-visible record of work (arm-contract.md §3.5). */
export interface Job {
  /** GUID with dashes; also the id from which the workflow's id derives. */
  readonly id: string;
  readonly vault: VaultRef;
  readonly instanceName: string;
  readonly instanceId: string;
  readonly friendlyName: string;
  readonly datasourceId: string;
  readonly datasourceName: string;
  readonly datasourceType: string;
  readonly datasourceLocation: string;
  readonly datasourceSetName?: string;
  readonly policyId: string;
  readonly policyName: string;
  readonly category: JobCategory;
  readonly operation: string;
  readonly isUserTriggered: boolean;
  readonly status: JobStatus;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly activityId: string;
  readonly errors: readonly Fault[];
  readonly subTasks: readonly SubTask[];
  readonly warnings: readonly { readonly resourceName: string; readonly warning: string }[];
  /** Free facts for people: RetentionTag, attempts, missed instants, rates. */
  readonly details: Readonly<Record<string, string>>;
  readonly progress?: JobProgress;
  readonly dataTransferredBytes?: number;
  readonly sourceStore?: string;
  readonly recoveryPoint?: { readonly id: string; readonly takenAt: string };
  readonly recoveryDestination?: string;
  readonly rehydrationPriority?: string;
  /** Orchestration that drives it, for the watch over abandoned jobs. */
  readonly workflowId: string;
}

export interface SubTask {
  readonly id: number;
  readonly name: string;
  readonly status: SubTaskStatus;
  readonly details: Readonly<Record<string, string>>;
}

/** Where a transfer stands now. */
export interface JobProgress {
  readonly bytesDone: number;
  /** Estimate; absent while unknown. */
  readonly bytesTotal?: number;
  readonly tablesDone?: number;
  readonly tablesTotal?: number;
  readonly bytesPerSecond?: number;
  readonly at: string;
}

/** What changes in a job; absent members stay as they are, `details` and `subTask` merge. */
export interface JobChange {
  readonly status?: JobStatus;
  readonly endedAt?: string;
  readonly errors?: readonly Fault[];
  readonly subTask?: SubTask;
  readonly warning?: { readonly resourceName: string; readonly warning: string };
  readonly details?: Readonly<Record<string, string>>;
  readonly progress?: JobProgress;
  readonly dataTransferredBytes?: number;
  readonly recoveryPoint?: { readonly id: string; readonly takenAt: string };
}

/** Applies a change. A terminal job never changes its status again: the first ending wins. */
export function applyJobChange(job: Job, change: JobChange): Job {
  const { subTask, warning, details, status, errors, endedAt, ...rest } = change;
  const ending = isTerminal(job.status) ? {} : { ...defined({ status, errors, endedAt }) };
  return {
    ...job,
    ...rest,
    ...ending,
    ...(subTask === undefined ? {} : { subTasks: mergeSubTask(job.subTasks, subTask) }),
    ...(warning === undefined ? {} : { warnings: addWarning(job.warnings, warning) }),
    ...(details === undefined ? {} : { details: { ...job.details, ...details } }),
  };
}

/** Told once, however often the activity that tells it runs. */
const addWarning = (warnings: Job["warnings"], added: Job["warnings"][number]): Job["warnings"] =>
  warnings.some((known) => known.warning === added.warning) ? warnings : [...warnings, added];

const mergeSubTask = (subTasks: readonly SubTask[], change: SubTask): readonly SubTask[] =>
  subTasks.some((task) => task.id === change.id)
    ? subTasks.map((task) =>
        task.id === change.id
          ? { ...task, ...change, details: { ...task.details, ...change.details } }
          : task,
      )
    : [...subTasks, change].toSorted((a, b) => a.id - b.id);

function defined<T extends object>(values: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
