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
   * checksum is compared before its rows count. Settings, owner and privileges of the database itself
   * come last; those that the server refuses are warnings. On rejection the created database is dropped.
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

/** Takes the files of a restore as files; names are flat. */
export interface FileSink {
  /**
   * Writes one file whole, streaming. Rejects with `UserErrorContainerNotAccessible` or
   * `StorageUnavailable`; when `chunks` throws, nothing of the file may stay.
   */
  write(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Restores as files: a directory-format archive that a stock pg_restore of any kind reads. */
export interface ArchiveExporter {
  /**
   * Writes `toc.dat`, the data files, `roles.sql` (cleaned for a managed server), `database.sql` (what
   * belongs to the database itself: settings, comment, owner, privileges) and `README.txt`
   * with the exact commands. Every segment's checksum is compared before its file is complete.
   * Repeating it writes the same files again.
   */
  restoreFiles(
    request: ExportRequest,
    sink: FileSink,
    control: TransferControl,
  ): Promise<ExportOutcome>;
}

export interface ExportRequest extends StoredArchive {
  readonly source: ManifestSource;
  /** PostgreSQL 15 and older read only plain and gzip. */
  readonly compression: "none" | "gzip";
  /** Files written at a time; 1 to 32. */
  readonly connections: number;
}

export interface ExportOutcome {
  readonly files: number;
  /** Bytes handed to the sink. */
  readonly bytes: number;
}

/** Proves that a recovery point restores. */
export interface RecoveryProver {
  /**
   * Restores into the scratch database `request.target.database`, counts the rows of every table
   * there, hashes their content where asked, and drops it again, whatever the outcome. Rejects as
   * `restoreDatabase` does; a table with another number of rows is `RestoreFailed`.
   */
  prove(
    request: RestoreRequest,
    options: { readonly checksums: boolean },
    control: TransferControl,
  ): Promise<Proof>;
}

/** Evidence that is kept with the recovery point. */
export interface Proof {
  readonly tables: readonly ProvenTable[];
  readonly rows: number;
  readonly bytes: number;
  readonly warnings: readonly string[];
  readonly serverVersion: string;
}

export interface ProvenTable {
  readonly schema: string;
  readonly name: string;
  readonly rows: number;
  /** Sum of 64-bit hashes of all rows as text; does not depend on their order. */
  readonly checksum?: string;
}
