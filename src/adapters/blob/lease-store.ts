import type { BlobLeaseClient } from "@azure/storage-blob";
import { defaultStorageRetry } from "../../domain/storage-retry.ts";
import type { LeaseStore } from "../../ports/blob-store.ts";
import type { BlobStoreOptions } from "./blob-store.ts";
import { openContainer } from "./container.ts";
import { type BlobRequests, createBlobRequests, errorCodeOf, statusOf } from "./requests.ts";

export interface LeaseStoreOptions extends BlobStoreOptions {
  /** 15 to 60 s; 60 as the port promises, less in tests. */
  readonly durationSeconds?: number;
}

/** LeaseStore over empty blobs `leases/<name>` of the vault's container. */
export function createLeaseStore(options: LeaseStoreOptions): LeaseStore {
  const { durationSeconds = 60 } = options;
  const retry = { ...defaultStorageRetry, ...options.retry };
  const requests = createBlobRequests(openContainer(options.account, options.container), retry);
  const lease = (name: string, id: string): BlobLeaseClient =>
    requests.client.getBlobClient(blobOf(name)).getBlobLeaseClient(id);

  const take = (name: string, id: string) =>
    settle(requests, (abortSignal) =>
      lease(name, id).acquireLease(durationSeconds, { abortSignal }),
    );

  return {
    async acquire(name, leaseId) {
      const first = await take(name, leaseId);
      if (first !== "absent") return first === "done" ? "acquired" : "held";
      await createBlob(requests, name);
      return (await take(name, leaseId)) === "done" ? "acquired" : "held";
    },
    async renew(name, leaseId) {
      const outcome = await settle(requests, (abortSignal) =>
        lease(name, leaseId).renewLease({ abortSignal }),
      );
      return outcome === "done" ? "renewed" : "lost";
    },
    async release(name, leaseId) {
      await settle(requests, (abortSignal) => lease(name, leaseId).releaseLease({ abortSignal }));
    },
  };
}

const blobOf = (name: string): string => `leases/${name}`;

/** `refused`: another id holds the lease, or this one holds it no more. */
async function settle(
  requests: BlobRequests,
  ask: (signal: AbortSignal) => Promise<unknown>,
): Promise<"done" | "refused" | "absent"> {
  try {
    await requests.send(ask);
    return "done";
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return "absent";
    if (status === 409 || status === 412) return "refused";
    throw error;
  }
}

async function createBlob(requests: BlobRequests, name: string): Promise<void> {
  const blob = requests.client.getBlockBlobClient(blobOf(name));
  try {
    await requests.send((abortSignal) =>
      blob.upload("", 0, { abortSignal, conditions: { ifNoneMatch: "*" } }),
    );
  } catch (error) {
    // Another process was quicker, or has leased it already.
    if (errorCodeOf(error) !== "BlobAlreadyExists" && statusOf(error) !== 412) throw error;
  }
}
