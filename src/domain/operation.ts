import type { Fault } from "./fault.ts";
import type { Notice } from "./notice.ts";
import type { VaultRef } from "./resource-id.ts";

/** ARM long-running operation: what status and result URLs answer (arm-contract.md §2). */
export interface Operation {
  /** base64 of `guid;guid`, the text clients echo. */
  readonly id: string;
  readonly vault: VaultRef;
  readonly location: string;
  readonly kind: OperationKind;
  readonly status: "Inprogress" | "Succeeded" | "Failed" | "Canceled";
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly fault?: Fault;
  /** What a validation noticed although nothing fails because of it. */
  readonly notices?: readonly Notice[];
  /** Full ARM id of the job that the operation started. */
  readonly jobId?: string;
  /** The resource that a vault- or instance-scoped result answers. */
  readonly instanceName?: string;
}

export type OperationKind =
  | "PutVault"
  | "PatchVault"
  | "DeleteVault"
  | "ValidateForBackup"
  | "ValidateForModify"
  | "PutInstance"
  | "DeleteInstance"
  | "UndeleteInstance"
  | "Backup"
  | "ValidateRestore"
  | "Restore"
  | "Rehydrate"
  | "StopProtection"
  | "SuspendBackups"
  | "ResumeBackups"
  | "ResumeProtection"
  | "SyncInstance"
  | "ExportJobs"
  | "VerifyRecoveryPoint"
  | "ProveRecoveryPoint";

/** Operations are forgotten after this time; polls then answer 404. */
export const operationLifetimeDays = 7;
