import { getFips, hash } from "node:crypto";
import type { BlobGetPropertiesResponse, BlockBlobClient } from "@azure/storage-blob";
import { absentBlob, archivedBlob, missingBlocks } from "../../domain/blob-fault.ts";
import { defaultStorageRetry, type StorageRetry } from "../../domain/storage-retry.ts";
import type { AccessTier, BlobProperties, BlobStore } from "../../ports/blob-store.ts";
import { deleteBlob } from "./blob-deletion.ts";
import { readBlob } from "./blob-reader.ts";
import { type BlobAccount, openContainer } from "./container.ts";
import { type BlobRequests, createBlobRequests, errorCodeOf, statusOf } from "./requests.ts";

export interface BlobStoreOptions {
  readonly account: BlobAccount;
  /** Created when it turns out to be absent. */
  readonly container: string;
  readonly retry?: Partial<StorageRetry>;
}

/** Slowest upload that is still waited for. */
const slowestBytesPerSecond = 64 * 1024;
const listPageSize = 1_000;

/** BlobStore over one container of Azure Blob Storage, or of Azurite. */
export function createBlobStore(options: BlobStoreOptions): BlobStore {
  const retry = { ...defaultStorageRetry, ...options.retry };
  const requests = createBlobRequests(openContainer(options.account, options.container), retry);
  const blob = (path: string): BlockBlobClient => requests.client.getBlockBlobClient(path);
  const limitMs = (bytes: number) =>
    retry.attemptLimitMs + Math.ceil((bytes / slowestBytesPerSecond) * 1000);

  return {
    async put(path, body, put = {}) {
      const buffer = bufferOf(body);
      let attempts = 0;
      const outcome = await orExists(put.onlyIfAbsent, () =>
        requests.send(
          (abortSignal, number) => {
            attempts = number;
            const headers = { blobHTTPHeaders: contentHeaders(put.contentType) };
            const condition = { conditions: onlyIf(put.onlyIfAbsent) };
            return blob(path).upload(buffer, buffer.length, {
              abortSignal,
              ...headers,
              ...condition,
            });
          },
          { limitMs: limitMs(body.length) },
        ),
      );
      if (outcome === "written" || attempts === 1) return outcome;
      // The reply to an earlier attempt was lost: what is there may be ours.
      const stored = await getWhole(requests, path);
      return stored !== undefined && buffer.equals(stored) ? "written" : "exists";
    },

    get: (path) => getWhole(requests, path),
    read: (path, range) => readBlob(requests, path, range),

    async stageBlock(path, blockId, body, signal) {
      const buffer = bufferOf(body);
      const checksum = transferChecksum(buffer);
      await requests.send(
        (abortSignal) =>
          blob(path).stageBlock(encodeBlockId(blockId), buffer, buffer.length, {
            abortSignal,
            ...checksum,
          }),
        { limitMs: limitMs(body.length), ...(signal === undefined ? {} : { signal }) },
      );
    },

    async commitBlocks(path, blockIds, commit = {}) {
      const ids = blockIds.map(encodeBlockId);
      try {
        return await orExists(commit.onlyIfAbsent, () =>
          requests.send((abortSignal) =>
            blob(path).commitBlockList(ids, {
              abortSignal,
              blobHTTPHeaders: contentHeaders(commit.contentType),
              conditions: onlyIf(commit.onlyIfAbsent),
            }),
          ),
        );
      } catch (error) {
        if (errorCodeOf(error) === "InvalidBlockList") throw missingBlocks(path);
        throw error;
      }
    },

    async properties(path) {
      const found = await orAbsent(() =>
        requests.send((abortSignal) => blob(path).getProperties({ abortSignal })),
      );
      return found === undefined ? undefined : presentProperties(found);
    },

    delete: (path) => deleteBlob(requests, path),
    list: (prefix, list) => listBlobs(requests, prefix, list?.uncommitted === true),

    async setTier(path, tier, rehydratePriority) {
      const priority = rehydratePriority === undefined ? {} : { rehydratePriority };
      try {
        await requests.send((abortSignal) =>
          blob(path).setAccessTier(tier, { abortSignal, ...priority }),
        );
      } catch (error) {
        if (statusOf(error) === 404) throw absentBlob(path);
        if (errorCodeOf(error) !== "BlobBeingRehydrated") throw error;
      }
    },

    async startCopy(from, to, copy = {}) {
      try {
        // Resolves when the copy has begun; nobody polls.
        await requests.send((abortSignal) =>
          blob(to).beginCopyFromURL(blob(from).url, { abortSignal, ...copy }),
        );
      } catch (error) {
        if (statusOf(error) === 404) throw absentBlob(from);
        if (!copyUnderWay.has(errorCodeOf(error) ?? "")) throw error;
      }
    },
  };
}

const copyUnderWay: ReadonlySet<string> = new Set(["PendingCopyOperation", "BlobBeingRehydrated"]);

const onlyIf = (absent: boolean | undefined) => (absent === true ? { ifNoneMatch: "*" } : {});

const contentHeaders = (type: string | undefined) =>
  type === undefined ? {} : { blobContentType: type };

/**
 * Lets the service refuse a block that changed on its way. Without it Azurite (3.37) computes a
 * CRC-64 in JavaScript, six times dearer than MD5 on both sides together.
 */
const transferChecksum = (body: Buffer): { transactionalContentMD5?: Uint8Array } =>
  isMd5Allowed ? { transactionalContentMD5: hash("md5", body, "buffer") } : {};

const isMd5Allowed = getFips() === 0;

/** Azure wants base64; equal lengths stay equal. */
const encodeBlockId = (id: string): string => Buffer.from(id).toString("base64");

const bufferOf = (body: Uint8Array): Buffer =>
  Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/** Turns the refusal of a conditional write into `exists`. */
async function orExists(
  onlyIfAbsent: boolean | undefined,
  write: () => Promise<unknown>,
): Promise<"written" | "exists"> {
  try {
    await write();
    return "written";
  } catch (error) {
    const code = errorCodeOf(error);
    if (onlyIfAbsent !== true) throw error;
    if (code === "BlobAlreadyExists" || statusOf(error) === 412) return "exists";
    throw error;
  }
}

async function orAbsent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function getWhole(requests: BlobRequests, path: string): Promise<Uint8Array | undefined> {
  try {
    return await orAbsent(() =>
      requests.send(async (abortSignal) => {
        const client = requests.client.getBlobClient(path);
        const { readableStreamBody } = await client.download(0, undefined, { abortSignal });
        const chunks: Uint8Array[] = [];
        for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
        return new Uint8Array(Buffer.concat(chunks));
      }),
    );
  } catch (error) {
    if (errorCodeOf(error) === "BlobArchived") throw archivedBlob(path);
    throw error;
  }
}

async function* listBlobs(
  requests: BlobRequests,
  prefix: string,
  includeUncommitedBlobs: boolean,
): ReturnType<BlobStore["list"]> {
  let continuationToken: string | undefined;
  do {
    const token = continuationToken === undefined ? {} : { continuationToken };
    const page = await requests.send(async (abortSignal) => {
      const blobs = requests.client.listBlobsFlat({ prefix, includeUncommitedBlobs, abortSignal });
      return (await blobs.byPage({ maxPageSize: listPageSize, ...token }).next()).value;
    });
    for (const item of page?.segment.blobItems ?? []) {
      yield {
        path: item.name,
        lengthBytes: item.properties.contentLength ?? 0,
        ...tierOf(item.properties.accessTier),
        lastModifiedAt: item.properties.lastModified.toISOString(),
      };
    }
    continuationToken = page?.continuationToken || undefined;
  } while (continuationToken !== undefined);
}

const presentProperties = (found: BlobGetPropertiesResponse): BlobProperties => ({
  lengthBytes: found.contentLength ?? 0,
  etag: found.etag ?? "",
  ...tierOf(found.accessTier),
  ...(found.archiveStatus === undefined ? {} : { archiveStatus: found.archiveStatus }),
  ...(found.copyStatus === undefined ? {} : { copyStatus: found.copyStatus }),
  lastModifiedAt: (found.lastModified ?? new Date(0)).toISOString(),
});

const tiers: readonly AccessTier[] = ["Hot", "Cool", "Cold", "Archive"];

const tierOf = (name: string | undefined): { tier?: AccessTier } => {
  const tier = tiers.find((known) => known === name);
  return tier === undefined ? {} : { tier };
};
