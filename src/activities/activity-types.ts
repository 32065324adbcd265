import type { BackupInstance, ProtectionState } from "../domain/backup-instance.ts";
import type { BackUpTrigger } from "../domain/backup-trigger.ts";
import type { Fault } from "../domain/fault.ts";
import type { JobChange } from "../domain/job.ts";
import type { Notice } from "../domain/notice.ts";
import type { InstanceRef, VaultRef } from "../domain/resource-id.ts";
import type { ProofServer, RehydrationSpec, RestoreSpec } from "../domain/restore-spec.ts";

/** Job and the instance it works for: what nearly every activity needs to know. */
export interface JobRef {
  readonly instance: InstanceRef;
  readonly jobId: string;
}

type Nothing = Record<string, never>;

/**
 * Inputs and outputs of every activity, by name. All of it is JSON and small: archives' manifests
 * stay in blobs, secrets stay in secret stores.
 */
export interface ActivityTypes {
  // Jobs and operations
  openBackup: {
    input: JobRef & { trigger: BackUpTrigger; workflowId: string };
    output: Nothing;
  };
  openRestore: { input: JobRef & { spec: RestoreSpec; workflowId: string }; output: Nothing };
  changeJob: { input: JobRef & { change: JobChange }; output: Nothing };
  closeJob: {
    input: JobRef & {
      status: "Completed" | "CompletedWithWarnings" | "Failed" | "Cancelled";
      fault?: Fault;
      change?: JobChange;
    };
    output: Nothing;
  };
  endOperation: {
    input: { operationId: string; fault?: Fault; jobId?: string; notices?: readonly Notice[] };
    output: Nothing;
  };
  // Mutual exclusion
  takeLease: { input: JobRef; output: Nothing };
  releaseLease: { input: JobRef; output: Nothing };
  /** Asks for a place among the dumps of the instance's server; call again until `slot`. */
  takeDumpSlot: {
    input: JobRef & { requestedAt: string };
    output: { ahead: number; slot?: string };
  };
  releaseDumpSlot: { input: JobRef & { slot?: string }; output: Nothing };
  // Backing up
  /** With `jobId`, what was noticed is told in that job's warnings. */
  checkSource: { input: { instance: InstanceRef; jobId?: string }; output: CheckOutcome };
  checkDraft: { input: { draft: BackupInstance }; output: CheckOutcome };
  dumpDatabase: { input: JobRef & { attempt: string; slot: string }; output: DumpSummary };
  commitRecoveryPoint: {
    input: JobRef & { attempt: string; trigger: BackUpTrigger };
    output: CommittedPoint;
  };
  /** Removes packs and drafts of every attempt but the committed one. */
  discardAttempts: { input: JobRef; output: { removedBlobs: number } };
  // Restoring
  /** With `jobId`, that job's own leftover does not count as a name in use. */
  checkRestore: {
    input: { instance: InstanceRef; spec: RestoreSpec; jobId?: string };
    output: CheckOutcome;
  };
  restoreDatabase: { input: JobRef & { spec: RestoreSpec }; output: RestoreSummary };
  /** Takes the job's mark off the restored database: it is the customer's from now on. */
  keepRestored: { input: JobRef & { spec: RestoreSpec }; output: { kept: boolean } };
  dropRestored: { input: JobRef & { spec: RestoreSpec }; output: { dropped: boolean } };
  restoreFiles: {
    input: JobRef & { spec: RestoreSpec };
    output: { files: number; bytes: number };
  };
  // Archive
  /** Starts or follows a rehydration; call again until `done`. */
  rehydrateStep: {
    input: JobRef & { recoveryPointId: string; rehydration: RehydrationSpec };
    output: { state: "done" | "pending"; needed: boolean; expiresAt?: string };
  };
  openRehydration: {
    input: JobRef & { recoveryPointId: string; rehydration: RehydrationSpec; workflowId: string };
    output: Nothing;
  };
  openVerification: {
    input: JobRef & {
      recoveryPointId: string;
      workflowId: string;
      operation: "Verify" | "Prove";
    };
    output: Nothing;
  };
  // Protection
  setProtection: {
    input: {
      instance: InstanceRef;
      state: ProtectionState;
      provisioningState: "Succeeded" | "Failed" | "Updating";
      fault?: Fault;
    };
    output: Nothing;
  };
  /** Writes what a validation found, or that it found nothing, into the instance. */
  recordValidation: {
    input: {
      instance: InstanceRef;
      fault?: Fault;
      /** Identifies the run, so that repeating it tells the same event. */
      validation: { readonly id: string; readonly startedAt: string };
    };
    output: Nothing;
  };
  /** Plans the next backup by the policy as it is now; the state stays. */
  replanInstance: { input: { instance: InstanceRef }; output: Nothing };
  replanPolicy: {
    input: { vault: VaultRef; policyName: string };
    output: { replanned: number };
  };
  /** Soft-deletes, or purges at once, as the vault's settings say. */
  removeInstance: { input: { instance: InstanceRef }; output: { purged: boolean } };
  // Evidence
  verifyRecoveryPoint: {
    input: JobRef & { recoveryPointId: string };
    output: { segments: number; bytes: number };
  };
  proveRecoveryPoint: {
    input: JobRef & { recoveryPointId: string; server: ProofServer; checksums: boolean };
    output: { tables: number; rows: number; bytes: number };
  };
  dropScratch: { input: JobRef & { server: ProofServer }; output: { dropped: boolean } };
}

/** Nothing is wrong; what is worth knowing all the same. */
export interface CheckOutcome {
  readonly notices?: readonly Notice[];
}

export interface DumpSummary {
  /** Folder of the packs: unique to this run of the activity. */
  readonly attempt: string;
  readonly takenAt: string;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly sourceBytes: number;
  readonly serverVersion: string;
}

export interface CommittedPoint {
  readonly recoveryPointId: string;
  readonly takenAt: string;
  readonly tag: string;
  readonly rule: string;
  readonly reason: string;
  readonly expiresAt?: string;
}

export interface RestoreSummary {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
}

export type ActivityName = keyof ActivityTypes;
export type ActivityInput<K extends ActivityName> = ActivityTypes[K]["input"];
export type ActivityOutput<K extends ActivityName> = ActivityTypes[K]["output"];

/** Rejects with FaultError; the frame around it turns that into a value. */
export type Activity<K extends ActivityName> = (
  input: ActivityInput<K>,
) => Promise<ActivityOutput<K>>;

export type Activities = { readonly [K in ActivityName]: Activity<K> };
