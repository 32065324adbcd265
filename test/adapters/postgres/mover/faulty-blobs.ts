import type { BlobStore } from "../../../../src/ports/blob-store.ts";

/** What to do instead of, before or after the real call; absent: nothing. */
export interface BlobFaults {
  beforeStage?: (path: string, staged: number) => Promise<void> | void;
  afterCommit?: (path: string) => "written" | "exists" | undefined;
  beforeRead?: (path: string) => Promise<void> | void;
}

/** A store that does as it is told between two calls that work. */
export function faultyBlobs(blobs: BlobStore, faults: BlobFaults): BlobStore {
  let staged = 0;
  return {
    ...blobs,
    stageBlock: async (path, id, body, signal) => {
      staged += 1;
      await faults.beforeStage?.(path, staged);
      return blobs.stageBlock(path, id, body, signal);
    },
    commitBlocks: async (path, ids, options) => {
      const answer = await blobs.commitBlocks(path, ids, options);
      return faults.afterCommit?.(path) ?? answer;
    },
    read: (path, range) => {
      async function* read(): AsyncGenerator<Uint8Array> {
        await faults.beforeRead?.(path);
        yield* blobs.read(path, range);
      }
      return read();
    },
  };
}
