/** What an operator may tune; read once by src/composition/config.ts, with defaults there. */
export interface TransferSettings {
  /** Parallel COPY connections of one backup or restore. */
  readonly connections: number;
  readonly compression: "none" | "gzip" | "zstd";
  readonly compressionLevel: number;
  /** Key that wraps data keys; absent: archives are not encrypted by pgvault. */
  readonly encryptionKeyId?: string;
}

export interface WorkSettings {
  readonly transfer: TransferSettings;
  /** Dumps that may run at the same time against one server. */
  readonly concurrentDumpsPerServer: number;
  /** Whether somebody is told of events; absent: nobody. */
  readonly sendsEvents?: boolean;
}
