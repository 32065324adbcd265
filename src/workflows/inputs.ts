import type { BackupInstance, ProtectionState } from "../domain/backup-instance.ts";
import type { BackUpTrigger } from "../domain/backup-trigger.ts";
import type { VaultRef } from "../domain/resource-id.ts";
import type { ProofServer, RehydrationSpec, RestoreSpec } from "../domain/restore-spec.ts";

/**
 * What starts a workflow, by workflow name. Ids derive from what is done (see `workflowId`), so that
 * a second start collides instead of doubling.
 */
export interface WorkflowInputs {
  configureProtection: { operationId: string; vault: VaultRef; instanceName: string };
  /** Full check of a backup instance that need not exist; ends the operation. */
  validateForBackup: { operationId: string; instance: BackupInstance };
  backUp: BackUpInput;
  validateRestore: {
    operationId: string;
    vault: VaultRef;
    instanceName: string;
    spec: RestoreSpec;
  };
  restore: {
    operationId: string;
    jobId: string;
    vault: VaultRef;
    instanceName: string;
    spec: RestoreSpec;
  };
  rehydrate: {
    operationId: string;
    jobId: string;
    vault: VaultRef;
    instanceName: string;
    recoveryPointId: string;
    rehydration: RehydrationSpec;
  };
  /** Soft-deletes or purges an instance with its recovery points, as the vault's settings say. */
  deleteInstance: { operationId: string; vault: VaultRef; instanceName: string };
  /** Stops, suspends or resumes protection without asking the server. */
  changeProtection: {
    operationId: string;
    vault: VaultRef;
    instanceName: string;
    state: ProtectionState;
  };
  /** Plans the next backup of an instance anew, after its policy was exchanged. */
  replanInstance: { operationId: string; vault: VaultRef; instanceName: string };
  /** Plans the next backups of all instances under a policy anew, after it was changed. */
  replanPolicy: { vault: VaultRef; policyName: string };
  /** Validates a protected instance anew; the instance tells what came of it. */
  revalidate: { validationId: string; vault: VaultRef; instanceName: string };
  /** Restores into a scratch database, counts and compares, drops it again. */
  proveRecoveryPoint: {
    operationId: string;
    jobId: string;
    vault: VaultRef;
    instanceName: string;
    recoveryPointId: string;
    server: ProofServer;
    checksums: boolean;
  };
  verifyRecoveryPoint: {
    operationId: string;
    jobId: string;
    vault: VaultRef;
    instanceName: string;
    recoveryPointId: string;
  };
}

export interface BackUpInput {
  /** Present for on-demand backups: ends as soon as the job is open. */
  readonly operationId?: string;
  readonly jobId: string;
  readonly vault: VaultRef;
  readonly instanceName: string;
  readonly trigger: BackUpTrigger;
}

export type WorkflowName = keyof WorkflowInputs;

/** `backUp` of job 1234 → `backUp-1234`. `key` is a job id or an operation id's own part. */
export const workflowId = (name: WorkflowName, key: string): string =>
  `${name}-${key.replaceAll(/[^A-Za-z0-9._-]/g, "_")}`;
