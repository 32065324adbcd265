import {
  absentBlob,
  archivedBlob,
  blockLimits,
  corruptBlob,
  missingBlocks,
} from "../../domain/blob-fault.ts";
import type { AccessTier, BlobProperties, BlobStore } from "../../ports/blob-store.ts";
import type { Clock } from "../../ports/clock.ts";
import { createOrderedKeys, type OrderedKeys } from "./ordered-keys.ts";

export interface MemoryBlobStore extends BlobStore {
  /** Paths of committed blobs, in order. */
  paths(): readonly string[];
  /** Flips the bits of one stored byte, as a failing disk would. */
  corrupt(path: string, offset: number): void;
}

export interface MemoryBlobStoreOptions {
  readonly clock: Clock;
  /** How long a rehydration takes; 0: at once. */
  readonly rehydrationMs?: number;
}

interface StoredBlob {
  body: Uint8Array;
  etag: string;
  tier: AccessTier;
  lastModifiedAt: number;
  copied?: boolean;
  rehydration?: { to: AccessTier; doneAt: number };
}

/** Largest chunk that `read` yields, as a network would cut it. */
const chunkBytes = 64 * 1024;

export function createMemoryBlobStore(options: MemoryBlobStoreOptions): MemoryBlobStore {
  const blobs = new Map<string, StoredBlob>();
  const staged = new Map<string, Map<string, Uint8Array>>();
  /** Of blobs and of staged blocks. */
  const order = createOrderedKeys();
  const { clock, rehydrationMs = 0 } = options;
  let revision = 0;

  const write = (path: string, body: Uint8Array): "written" => {
    const stamp = { etag: `"0x${(++revision).toString(16)}"`, lastModifiedAt: clock.now() };
    blobs.set(path, { body, tier: "Hot", ...stamp });
    order.add(path);
    staged.delete(path);
    return "written";
  };

  const settled = (path: string): StoredBlob | undefined => {
    const blob = blobs.get(path);
    if (blob?.rehydration !== undefined && blob.rehydration.doneAt <= clock.now()) {
      blob.tier = blob.rehydration.to;
      delete blob.rehydration;
    }
    return blob;
  };

  const readable = (path: string): Uint8Array | undefined => {
    const blob = settled(path);
    if (blob?.tier === "Archive") throw archivedBlob(path);
    return blob?.body;
  };

  const rehydrate = (blob: StoredBlob, to: AccessTier): void => {
    blob.rehydration = { to, doneAt: clock.now() + rehydrationMs };
  };

  return {
    async put(path, body, put = {}) {
      if (put.onlyIfAbsent === true && blobs.has(path)) return "exists";
      return write(path, body.slice());
    },

    async get(path) {
      return readable(path)?.slice();
    },

    async *read(path, range) {
      const body = readable(path);
      if (body === undefined) throw corruptBlob(path, "is absent");
      const { offset, length } = range ?? { offset: 0, length: body.length };
      if (offset + length > body.length) {
        throw corruptBlob(path, `has ${body.length} bytes where ${offset + length} are expected`);
      }
      for (let at = offset; at < offset + length; at += chunkBytes) {
        yield Uint8Array.from(body.subarray(at, Math.min(at + chunkBytes, offset + length)));
      }
    },

    async stageBlock(path, blockId, body, signal) {
      signal?.throwIfAborted();
      if (Buffer.byteLength(blockId) > blockLimits.idBytes)
        throw new RangeError("block id too long");
      const blocks = staged.get(path) ?? new Map<string, Uint8Array>();
      for (const known of blocks.keys()) {
        if (known.length !== blockId.length) throw new RangeError("block ids differ in length");
      }
      blocks.set(blockId, body.slice());
      staged.set(path, blocks);
      order.add(path);
    },

    async commitBlocks(path, blockIds, commit = {}) {
      if (commit.onlyIfAbsent === true && blobs.has(path)) return "exists";
      const blocks = staged.get(path);
      const bodies = blockIds.map((id) => {
        const body = blocks?.get(id);
        if (body === undefined) throw missingBlocks(path);
        return body;
      });
      return write(path, new Uint8Array(Buffer.concat(bodies)));
    },

    async properties(path) {
      const blob = settled(path);
      return blob === undefined ? undefined : presentProperties(blob);
    },

    async delete(path) {
      const hadBlocks = staged.delete(path);
      order.delete(path);
      return blobs.delete(path) || hadBlocks;
    },

    async *list(prefix, list = {}) {
      // All of them first: whoever lists may delete meanwhile.
      for (const path of pathsBelow(order, prefix)) {
        const blob = settled(path);
        if (blob === undefined && list.uncommitted !== true) continue;
        const lastModifiedAt = new Date(blob?.lastModifiedAt ?? clock.now()).toISOString();
        const tier = blob === undefined ? {} : { tier: blob.tier };
        yield { path, lengthBytes: blob?.body.length ?? 0, ...tier, lastModifiedAt };
      }
    },

    async setTier(path, tier) {
      const blob = settled(path);
      if (blob === undefined) throw absentBlob(path);
      if (blob.tier === "Archive" && tier !== "Archive") rehydrate(blob, tier);
      else blob.tier = tier;
    },

    async startCopy(from, to, copy = {}) {
      const source = settled(from);
      if (source === undefined) throw absentBlob(from);
      if (blobs.get(to)?.rehydration !== undefined) return;
      write(to, source.body);
      const target = blobs.get(to);
      if (target === undefined) return;
      target.copied = true;
      target.tier = copy.tier ?? (source.tier === "Archive" ? "Hot" : source.tier);
      if (source.tier !== "Archive") return;
      rehydrate(target, target.tier);
      target.tier = "Archive";
    },

    paths: () => [...blobs.keys()].sort(),

    corrupt(path, offset) {
      const blob = blobs.get(path);
      if (blob === undefined || offset >= blob.body.length) throw absentBlob(path);
      blob.body = blob.body.map((byte, index) => (index === offset ? byte ^ 0xff : byte));
    },
  };
}

function pathsBelow(order: OrderedKeys, prefix: string): readonly string[] {
  const paths: string[] = [];
  for (const path of order.from(prefix)) {
    if (!path.startsWith(prefix)) break;
    paths.push(path);
  }
  return paths;
}

const presentProperties = (blob: StoredBlob): BlobProperties => ({
  lengthBytes: blob.body.length,
  etag: blob.etag,
  tier: blob.tier,
  ...(blob.rehydration === undefined
    ? {}
    : { archiveStatus: `rehydrate-pending-to-${blob.rehydration.to.toLowerCase()}` }),
  ...(blob.copied === true
    ? { copyStatus: blob.rehydration === undefined ? "success" : "pending" }
    : {}),
  lastModifiedAt: new Date(blob.lastModifiedAt).toISOString(),
});
