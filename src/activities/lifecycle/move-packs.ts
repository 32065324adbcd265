import type { Manifest } from "../../domain/manifest.ts";
import type { BlobStore, RehydratePriority } from "../../ports/blob-store.ts";

export type CopyState = "done" | "pending";

/**
 * Copies every pack of a recovery point from one folder to another inside the storage account.
 * Starts what is not started, then looks: call it again until it answers `done`. A copy that failed
 * is started again.
 */
export async function copyPacks(
  blobs: BlobStore,
  { archive }: Manifest,
  from: string,
  to: string,
  options: { tier: "Hot" | "Archive"; priority?: RehydratePriority },
): Promise<CopyState> {
  let state: CopyState = "done";
  for (const pack of archive.packs) {
    const target = `${to}/${pack.name}`;
    const found = await blobs.properties(target);
    if (found === undefined || found.copyStatus === "failed" || found.copyStatus === "aborted") {
      await blobs.startCopy(`${from}/${pack.name}`, target, {
        tier: options.tier,
        ...(options.priority === undefined ? {} : { rehydratePriority: options.priority }),
      });
    }
    if (!(await isComplete(blobs, target, pack.length, options.tier))) state = "pending";
  }
  return state;
}

async function isComplete(
  blobs: BlobStore,
  path: string,
  lengthBytes: number,
  tier: "Hot" | "Archive",
): Promise<boolean> {
  const found = await blobs.properties(path);
  if (found === undefined || found.copyStatus === "pending") return false;
  // A rehydrating copy shows as Archive until its data can be read.
  const isReadable = found.tier !== "Archive" && found.archiveStatus === undefined;
  return found.lengthBytes === lengthBytes && (tier === "Archive" || isReadable);
}

/** Moves every pack in place. Repeatable. */
export async function archivePacks(
  blobs: BlobStore,
  { archive }: Manifest,
  folder: string,
): Promise<void> {
  for (const pack of archive.packs) await blobs.setTier(`${folder}/${pack.name}`, "Archive");
}

/** Deletes all blobs below a folder, staged ones included. Repeatable. */
export async function deleteFolder(blobs: BlobStore, folder: string): Promise<void> {
  for await (const { path } of blobs.list(`${folder}/`, { uncommitted: true })) {
    await blobs.delete(path);
  }
}
