import type { JsonObject } from "../../domain/json.ts";
import type {
  ArmResource,
  LroOptions,
  OperationJobExtendedInfo,
  Paged,
  Poller,
  ResourceInput,
} from "./models.ts";

/**
 * The part of `@azure/arm-dataprotection`'s DataProtectionClient that pgvault needs, in the SDK's
 * own method shapes: client.ts implements it over REST, the SDK's client fits it where installed.
 */
export interface AzureBackup {
  readonly backupVaults: BackupVaultOperations;
  readonly backupPolicies: BackupPolicyOperations;
  readonly backupInstances: BackupInstanceOperations;
  readonly deletedBackupInstances: DeletedBackupInstanceOperations;
  readonly recoveryPoints: RecoveryPointOperations;
  readonly jobs: JobOperations;
}

export interface BackupVaultOperations {
  createOrUpdate(
    resourceGroup: string,
    vault: string,
    parameters: ResourceInput & { readonly location: string },
    options?: LroOptions,
  ): Poller<ArmResource>;
  update(
    resourceGroup: string,
    vault: string,
    parameters: JsonObject,
    options?: LroOptions,
  ): Poller<ArmResource>;
  get(resourceGroup: string, vault: string): Promise<ArmResource>;
  delete(resourceGroup: string, vault: string, options?: LroOptions): Poller<void>;
  listInResourceGroup(resourceGroup: string): Paged<ArmResource>;
  listInSubscription(): Paged<ArmResource>;
}

export interface BackupPolicyOperations {
  createOrUpdate(
    resourceGroup: string,
    vault: string,
    policy: string,
    parameters: ResourceInput,
  ): Promise<ArmResource>;
  get(resourceGroup: string, vault: string, policy: string): Promise<ArmResource>;
  delete(resourceGroup: string, vault: string, policy: string): Promise<void>;
  list(resourceGroup: string, vault: string): Paged<ArmResource>;
}

/** An action on an instance whose result is at most a job. */
export type InstanceAction = (
  resourceGroup: string,
  vault: string,
  instance: string,
  options?: LroOptions & { readonly parameters?: JsonObject },
) => Poller<OperationJobExtendedInfo>;

/** An action on an instance that needs a body. */
export type InstanceRequest = (
  resourceGroup: string,
  vault: string,
  instance: string,
  parameters: JsonObject,
  options?: LroOptions,
) => Poller<OperationJobExtendedInfo>;

export interface BackupInstanceOperations {
  createOrUpdate(
    resourceGroup: string,
    vault: string,
    instance: string,
    parameters: ResourceInput,
    options?: LroOptions,
  ): Poller<ArmResource>;
  get(resourceGroup: string, vault: string, instance: string): Promise<ArmResource>;
  delete(
    resourceGroup: string,
    vault: string,
    instance: string,
    options?: LroOptions,
  ): Poller<void>;
  list(resourceGroup: string, vault: string): Paged<ArmResource>;
  validateForBackup(
    resourceGroup: string,
    vault: string,
    parameters: JsonObject,
    options?: LroOptions,
  ): Poller<OperationJobExtendedInfo>;
  readonly validateForModifyBackup: InstanceRequest;
  readonly adhocBackup: InstanceRequest;
  readonly validateForRestore: InstanceRequest;
  readonly triggerRestore: InstanceRequest;
  readonly triggerRehydrate: InstanceRequest;
  readonly syncBackupInstance: InstanceRequest;
  readonly stopProtection: InstanceAction;
  readonly suspendBackups: InstanceAction;
  readonly resumeBackups: InstanceAction;
  readonly resumeProtection: InstanceAction;
}

export interface DeletedBackupInstanceOperations {
  get(resourceGroup: string, vault: string, instance: string): Promise<ArmResource>;
  list(resourceGroup: string, vault: string): Paged<ArmResource>;
  readonly undelete: InstanceAction;
}

export interface RecoveryPointOperations {
  get(
    resourceGroup: string,
    vault: string,
    instance: string,
    recoveryPointId: string,
  ): Promise<ArmResource>;
  list(
    resourceGroup: string,
    vault: string,
    instance: string,
    options?: { readonly filter?: string },
  ): Paged<ArmResource>;
}

export interface JobOperations {
  get(resourceGroup: string, vault: string, jobId: string): Promise<ArmResource>;
  list(resourceGroup: string, vault: string): Paged<ArmResource>;
}
