/**
 * The manifest of a recovery point, version 1: the JSON blob whose existence *is* the recovery
 * point. Specified byte by byte in docs/vault-format.md; change both together.
 */
export const manifestVersion = 1;

export interface Manifest {
  readonly version: typeof manifestVersion;
  readonly recoveryPointId: string;
  readonly jobId: string;
  readonly source: ManifestSource;
  readonly retention: ManifestRetention;
  /** Folder of the packs inside the recovery point's folder: one per attempt at the dump. */
  readonly attempt: string;
  readonly archive: ArchiveManifest;
  /** ISO instants. */
  readonly takenAt: string;
  readonly committedAt: string;
}

export interface ManifestSource {
  readonly instanceName: string;
  readonly friendlyName: string;
  readonly datasourceId: string;
  readonly server: string;
  readonly database: string;
  /** Such as `15.18`. */
  readonly serverVersion: string;
  readonly clientVersion: string;
  /** Server encoding and locale, so that the database can be created alike. */
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly localeProvider?: string;
  readonly icuLocale?: string;
  readonly databaseBytes: number;
  /** Extensions and tablespaces that the database uses, so that a restore can be checked for them. */
  readonly extensions?: readonly { readonly name: string; readonly version: string }[];
  readonly tablespaces?: readonly string[];
}

/** What the recovery point was promised when it was committed; never shortened. ISO instants. */
export interface ManifestRetention {
  readonly policyName: string;
  readonly tag: string;
  readonly rule: string;
  readonly reason: string;
  /** .NET ticks as text, as ARM answers `retentionTagVersion`. */
  readonly tagVersion: string;
  readonly vaultStoreExpiresAt: string;
  readonly archive?: ManifestArchivePromise;
  readonly expiresAt: string;
}

export interface ManifestArchivePromise {
  readonly option: "ImmediateCopyOption" | "CopyOnExpiryOption" | "CustomCopyOption";
  readonly dueAt: string;
  readonly expiresAt: string;
}

/** What the data mover wrote: enough to rebuild the archive with curl and pg_restore. */
export interface ArchiveManifest {
  /** `custom`: one file `archive.dump` for `pg_restore -Fc`; `directory`: files of `pg_restore -Fd`. */
  readonly format: "custom" | "directory";
  readonly compression: "none" | "gzip" | "zstd";
  readonly encryption?: ArchiveEncryption;
  readonly packs: readonly ArchivePack[];
  readonly files: readonly ArchiveFile[];
  readonly storedBytes: number;
  /** Bytes before compression. */
  readonly rawBytes: number;
}

/** One block blob. */
export interface ArchivePack {
  /** Blob name relative to the attempt's folder. */
  readonly name: string;
  readonly length: number;
}

export interface ArchiveFile {
  /** Name inside the directory archive, such as `toc.dat` or `t16384.dat`. */
  readonly name: string;
  readonly segments: readonly ArchiveSegment[];
  /** The table whose rows these are, for files of table data. */
  readonly table?: { readonly schema: string; readonly name: string };
  readonly rows?: number;
}

/** A run of bytes of one pack; decoded segments of a file, in order, are the file. */
export interface ArchiveSegment {
  /** Index into `packs`. */
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  /** Lower-case hex of the stored bytes. */
  readonly sha256: string;
  /** Bytes after decryption and decompression. */
  readonly rawLength: number;
}

export interface ArchiveEncryption {
  readonly algorithm: "AES-256-GCM";
  /** Name of the key that wraps the data key: a Key Vault key id or `file:<name>`. */
  readonly keyId: string;
  /** Base64 of the wrapped data key. */
  readonly wrappedKey: string;
  /** Base64 of a MAC, by the data key, over packs, files and segments in their order. */
  readonly mac: string;
}
