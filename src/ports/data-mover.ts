import type { DatabaseConnection } from "../domain/connection.ts";
import type { JobProgress } from "../domain/job.ts";
import type { ArchiveManifest, ManifestSource } from "../domain/manifest.ts";
import type { RestoreOptions } from "../domain/restore-spec.ts";

/**
 * Moves a database into packs and back. All methods reject with a FaultError whose code is in the
 * catalogue, stop at `control.signal` leaving nothing running on any server, and never log or store
 * a password.
 */
export interface DataMover {
  /**
   * Dumps the database in one consistent snapshot into packs below `folder` (unique to this
   * attempt), streaming, nothing staged on disk. Resolves only when pg_dump has exited 0, every pack
   * is committed and the archive's table of contents was read back. On rejection the packs of this
   * folder have been removed as far as the store answered.
   */
  dump(request: DumpRequest, control: TransferControl): Promise<DumpOutcome>;

  /** Re-reads every segment and compares checksums; `RecoveryPointCorrupt` names what differs. */
  verify(archive: StoredArchive, control: TransferControl): Promise<VerifyOutcome>;

  /**
   * Creates `target.database`, marked with a comment naming the job, and fills it. Every segment's
   * checksum is compared before its rows count. On rejection the created database is dropped.
   * `UserErrorDatabaseNameAlreadyInUse` when it exists and is not this job's own leftover.
   */
  restoreDatabase(request: RestoreRequest, control: TransferControl): Promise<RestoreOutcome>;
}

export interface TransferControl {
  readonly signal: AbortSignal;
  /** Called often; the receiver throttles. */
  onProgress(progress: Omit<JobProgress, "at">): void;
}

export interface DumpRequest {
  readonly jobId: string;
  readonly source: DatabaseConnection;
  readonly folder: string;
  readonly settings: DumpSettings;
}

export interface DumpSettings {
  /** Parallel COPY connections; 1 to 32. */
  readonly connections: number;
  readonly compression: "none" | "gzip" | "zstd";
  readonly compressionLevel: number;
  readonly excludeSchemas?: readonly string[];
  readonly excludeTables?: readonly string[];
  readonly excludeTableData?: readonly string[];
  /** Name of the key that wraps the data key; absent: not encrypted by pgvault. */
  readonly encryptionKeyId?: string;
}

export interface DumpOutcome {
  readonly archive: ArchiveManifest;
  readonly source: Omit<ManifestSource, "instanceName" | "friendlyName" | "datasourceId">;
  /** ISO instant of the snapshot. */
  readonly takenAt: string;
}

/** An archive and the folder its packs lie in. */
export interface StoredArchive {
  readonly recoveryPointId: string;
  readonly folder: string;
  readonly archive: ArchiveManifest;
}

export interface VerifyOutcome {
  readonly segments: number;
  readonly bytes: number;
}

export interface RestoreRequest extends StoredArchive {
  readonly jobId: string;
  readonly target: DatabaseConnection;
  readonly source: ManifestSource;
  readonly settings: RestoreSettings;
}

export interface RestoreSettings extends RestoreOptions {
  readonly connections: number;
}

export interface RestoreOutcome {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
}
