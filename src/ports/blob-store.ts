/**
 * The vault's blobs, inside one container. Paths are `/`-separated, lower-case where they hold
 * names. Errors, for every method: `StorageUnavailable` (FaultError, retryable) when the store does
 * not answer after the adapter's own bounded retries; anything else listed per method.
 */
export interface BlobStore {
  /**
   * Writes a small blob whole. With `onlyIfAbsent`, answers `exists` instead of overwriting.
   * Idempotent otherwise.
   */
  put(path: string, body: Uint8Array, options?: PutBlobOptions): Promise<"written" | "exists">;

  /** Whole blob; undefined when absent. For blobs that pgvault itself wrote small. */
  get(path: string): Promise<Uint8Array | undefined>;

  /**
   * Bytes `[offset, offset + length)` as a stream of chunks; resumes by itself after a cut
   * connection. Rejects (FaultError `RecoveryPointCorrupt`) when the blob is absent or shorter. Chunks
   * belong to the reader, which may write over them or free them.
   */
  read(path: string, range?: { offset: number; length: number }): AsyncIterable<Uint8Array>;

  /** Uploads one block of a block blob; may be repeated with the same id. At most 4,000 MiB. */
  stageBlock(path: string, blockId: string, body: Uint8Array, signal?: AbortSignal): Promise<void>;

  /**
   * Makes the staged blocks the blob. With `onlyIfAbsent` an existing blob is left alone and
   * `exists` answered. A commit whose reply was lost and is retried answers `exists`.
   */
  commitBlocks(
    path: string,
    blockIds: readonly string[],
    options?: { onlyIfAbsent?: boolean; contentType?: string },
  ): Promise<"written" | "exists">;

  /** Undefined when absent. */
  properties(path: string): Promise<BlobProperties | undefined>;

  /** Removes the blob and any uncommitted blocks; false when there was nothing. Idempotent. */
  delete(path: string): Promise<boolean>;

  /** Blobs below a prefix, in path order, page by page. `uncommitted` includes staged-only blobs. */
  list(prefix: string, options?: { uncommitted?: boolean }): AsyncIterable<BlobListItem>;

  /** Moves a blob between tiers in place. Idempotent. Rejects with `ResourceNotFound`. */
  setTier(path: string, tier: AccessTier, priority?: RehydratePriority): Promise<void>;

  /**
   * Starts a server-side copy inside the container; from an archived blob it rehydrates, which takes
   * hours: follow it with `properties(to).copy` and `.archiveStatus`. Repeating is harmless.
   */
  startCopy(
    from: string,
    to: string,
    options?: { tier?: AccessTier; rehydratePriority?: RehydratePriority },
  ): Promise<void>;
}

export type AccessTier = "Hot" | "Cool" | "Cold" | "Archive";
export type RehydratePriority = "Standard" | "High";

export interface PutBlobOptions {
  readonly onlyIfAbsent?: boolean;
  readonly contentType?: string;
}

export interface BlobProperties {
  readonly lengthBytes: number;
  readonly etag: string;
  readonly tier?: AccessTier;
  /** Present while a rehydration is pending, such as `rehydrate-pending-to-hot`. */
  readonly archiveStatus?: string;
  readonly copyStatus?: "pending" | "success" | "failed" | "aborted";
  readonly lastModifiedAt: string;
}

export interface BlobListItem {
  readonly path: string;
  readonly lengthBytes: number;
  readonly tier?: AccessTier;
  readonly lastModifiedAt: string;
}

/**
 * Mutual exclusion by blob lease. A lease id is a GUID derived from the job, so that a repeated
 * activity of the same job takes its own lease again at once.
 */
export interface LeaseStore {
  /**
   * Takes the lease, or takes it again with the same id. `held` when another id has it. The lease
   * lapses after 60 s without renewal.
   */
  acquire(name: string, leaseId: string): Promise<"acquired" | "held">;
  /** `lost` when another id has taken it meanwhile. */
  renew(name: string, leaseId: string): Promise<"renewed" | "lost">;
  /** Idempotent; does nothing when another id holds it. */
  release(name: string, leaseId: string): Promise<void>;
}
