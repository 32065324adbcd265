import type { ManifestArchivePromise } from "./manifest.ts";
import type { DataStoreType } from "./vault.ts";

export type RehydrationStatus =
  | "CREATE_IN_PROGRESS"
  | "COMPLETED"
  | "DELETE_IN_PROGRESS"
  | "DELETED"
  | "FAILED";

/** The recovery point that a backup job commits has the job's own id, without dashes. */
export const recoveryPointIdOf = (jobId: string): string => jobId.replaceAll("-", "");

/** The job that committed, or tried to commit, a recovery point of this id. */
export const jobIdOf = (recoveryPointId: string): string =>
  recoveryPointId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** One copy of a recovery point in one data store. */
export interface RecoveryPointStore {
  readonly id: string;
  readonly type: DataStoreType;
  readonly createdAt: string;
  /** ISO instant; absent: kept until something else decides. */
  readonly expiresAt?: string;
  readonly rehydrationStatus?: RehydrationStatus;
  readonly rehydrationExpiresAt?: string;
}

/** Catalogued, restorable archive. Exists if and only if its manifest blob exists. */
export interface RecoveryPoint {
  /** 32 lower-case hex digits. */
  readonly id: string;
  readonly jobId: string;
  readonly instanceName: string;
  readonly friendlyName: string;
  /** Instant of the dump's snapshot, ISO. */
  readonly takenAt: string;
  readonly backupType: "Full";
  readonly policyName: string;
  readonly stores: readonly RecoveryPointStore[];
  readonly retentionTag: string;
  /** .NET ticks as text, as ARM answers `retentionTagVersion`. */
  readonly retentionTagVersion: string;
  readonly retentionRule: string;
  /** Why it got this tag and this expiry, for people. */
  readonly retentionReason: string;
  /** Promised end of life over all stores; a later policy change never shortens it. */
  readonly expiresAt?: string;
  readonly vaultStoreExpiresAt?: string;
  readonly archivePromise?: ManifestArchivePromise;
  readonly serverVersion: string;
  readonly databaseName: string;
  /** Bytes of the archive in the vault. */
  readonly storedBytes: number;
  /** `pg_database_size` at the snapshot. */
  readonly sourceBytes: number;
  readonly verification?: RecoveryPointEvidence;
}

/** Outcome of the last verification (checksums) or proof (restored into a scratch database). */
export interface RecoveryPointEvidence {
  readonly kind: "Verified" | "Proven";
  readonly at: string;
  readonly passed: boolean;
  readonly detail: string;
}
