import type { BackupInstance } from "../domain/backup-instance.ts";
import type { Fault } from "../domain/fault.ts";
import type { Job, JobChange } from "../domain/job.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Notice } from "../domain/notice.ts";
import type { Operation } from "../domain/operation.ts";
import type { RecoveryPoint } from "../domain/recovery-point.ts";
import type { GuardRef, ResourceGuard } from "../domain/resource-guard.ts";
import type { InstanceRef, VaultRef } from "../domain/resource-id.ts";
import type { PolicyResource, Vault } from "../domain/vault.ts";

/**
 * The control plane's records over Table storage. Names compare without regard to case. Every
 * method rejects with FaultError `StorageUnavailable` when the tables do not answer. Every state
 * change of a resource carries the etag it was read with. Definitions (vault, policy, instance) are
 * mirrored as blobs, from which the tables can be rebuilt.
 */
export interface Catalog {
  readonly vaults: VaultRecords;
  readonly policies: PolicyRecords;
  readonly guards: GuardRecords;
  readonly instances: InstanceRecords;
  readonly recoveryPoints: RecoveryPointRecords;
  readonly jobs: JobRecords;
  readonly operations: OperationRecords;
  readonly due: DueIndex;
}

export interface Versioned<T> {
  readonly value: T;
  readonly etag: string;
}

export interface PageRequest {
  /** 1 to 1,000. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly continuation?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly continuation?: string;
}

/** `create` answers undefined when it exists; `replace` when the etag no longer matches. */
interface Records<Ref, T> {
  get(ref: Ref): Promise<Versioned<T> | undefined>;
  create(value: T): Promise<Versioned<T> | undefined>;
  replace(value: T, etag: string): Promise<Versioned<T> | undefined>;
  /** False when absent. */
  delete(ref: Ref): Promise<boolean>;
}

export interface VaultRecords extends Records<VaultRef, Vault> {
  /** By name, of one subscription or one of its resource groups. */
  list(
    scope: { subscriptionId: string; resourceGroup?: string },
    page: PageRequest,
  ): Promise<Page<Vault>>;
}

export interface PolicyRecords extends Records<VaultRef & { policyName: string }, PolicyResource> {
  list(vault: VaultRef, page: PageRequest): Promise<Page<PolicyResource>>;
}

/** Resource guards, by name, of one subscription or one of its resource groups. */
export interface GuardRecords extends Records<GuardRef, ResourceGuard> {
  list(
    scope: { subscriptionId: string; resourceGroup?: string },
    page: PageRequest,
  ): Promise<Page<ResourceGuard>>;
}

export interface InstanceRecords extends Records<InstanceRef, BackupInstance> {
  list(vault: VaultRef, page: PageRequest): Promise<Page<BackupInstance>>;
  /** Names of instances under a policy, at most `limit`. */
  ofPolicy(vault: VaultRef, policyName: string, limit: number): Promise<readonly string[]>;
  /**
   * Reserves a datasource for an instance: at most one instance protects a datasource, over all
   * vaults. Answers the holder: the instance itself when the claim is its own.
   */
  claimDatasource(datasourceId: string, instance: InstanceRef): Promise<InstanceRef>;
  /** Gives the claim back if this instance holds it. Idempotent. */
  releaseDatasource(datasourceId: string, instance: InstanceRef): Promise<void>;
  holderOf(datasourceId: string): Promise<InstanceRef | undefined>;
}

/** The index of recovery points; the truth is the manifests. */
export interface RecoveryPointRecords {
  get(instance: InstanceRef, id: string): Promise<Versioned<RecoveryPoint> | undefined>;
  /** Idempotent: same id, same place. */
  upsert(instance: InstanceRef, point: RecoveryPoint): Promise<void>;
  replace(instance: InstanceRef, point: RecoveryPoint, etag: string): Promise<boolean>;
  delete(instance: InstanceRef, id: string): Promise<boolean>;
  /** Newest first; `from` inclusive and `to` inclusive are ISO instants of `takenAt`. */
  list(
    instance: InstanceRef,
    page: PageRequest & { from?: string; to?: string },
  ): Promise<Page<RecoveryPoint>>;
}

export interface JobRecords {
  /** False when a job of this id exists. */
  create(job: Job): Promise<boolean>;
  get(vault: VaultRef, jobId: string): Promise<Versioned<Job> | undefined>;
  /** Reads, applies `applyJobChange`, writes, again on conflict; undefined when absent. */
  change(vault: VaultRef, jobId: string, change: JobChange): Promise<Job | undefined>;
  /** Newest first. */
  list(vault: VaultRef, page: PageRequest): Promise<Page<Job>>;
  /** Jobs in progress over all vaults, oldest first, for the watch over abandoned jobs. */
  open(page: PageRequest): Promise<Page<{ readonly vault: VaultRef; readonly jobId: string }>>;
}

export interface OperationRecords {
  /** Idempotent by id. */
  create(operation: Operation): Promise<void>;
  get(operationId: string): Promise<Operation | undefined>;
  /** The first ending wins; later calls change nothing. */
  end(operationId: string, ending: OperationEnding): Promise<void>;
}

export interface OperationEnding {
  readonly status: "Succeeded" | "Failed" | "Canceled";
  readonly endedAt: string;
  readonly fault?: Fault;
  readonly notices?: readonly Notice[];
  readonly jobId?: string;
}

/**
 * One row per instant at which something must be done, so that a tick reads what is due and
 * nothing else.
 */
export interface DueIndex {
  put(entry: DueEntry): Promise<void>;
  /** Entries of this kind due at or before `at` (ISO), earliest first. */
  upTo(kind: DueKind, at: string, limit: number): Promise<readonly DueEntry[]>;
  /** False when absent. */
  remove(entry: Pick<DueEntry, "kind" | "at" | "key">): Promise<boolean>;
}

/**
 * `event` rows are the outbox. `dumpqueue` rows are tickets: who asked first for a place among the
 * dumps of a server.
 */
export type DueKind = "backup" | "lifecycle" | "validation" | "purge" | "event" | "dumpqueue";

export interface DueEntry {
  readonly kind: DueKind;
  /** ISO instant, UTC, milliseconds. */
  readonly at: string;
  /** Unique together with kind and instant, such as the instance key. */
  readonly key: string;
  readonly payload: JsonObject;
}
