import { recoveryPointIdOf } from "../domain/recovery-point.ts";
import { manifestPath, packFolder, recoveryPointFolder } from "../domain/vault-paths.ts";
import type { Activity } from "./activity-types.ts";
import { draftName } from "./dump-database.ts";
import type { ActivityPorts } from "./ports.ts";
import { readManifest } from "./read-manifest.ts";

/**
 * Removes what no manifest refers to: packs, drafts and staged blocks of every attempt but the
 * committed one. Runs when no attempt of this job can be writing any more.
 */
export const createDiscardAttempts =
  (ports: ActivityPorts): Activity<"discardAttempts"> =>
  async ({ instance, jobId }) => {
    const id = recoveryPointIdOf(jobId);
    const manifest = await readManifest(ports, instance, id);
    const committed =
      manifest === undefined ? undefined : packFolder(instance, id, manifest.attempt);
    let removedBlobs = 0;
    const all = ports.blobs.list(`${recoveryPointFolder(instance, id)}/`, { uncommitted: true });
    for await (const { path } of all) {
      const isPack = committed !== undefined && path.startsWith(`${committed}/`);
      const isKept = path === manifestPath(instance, id) || (isPack && !path.endsWith(draftName));
      if (isKept) continue;
      if (await ports.blobs.delete(path)) removedBlobs += 1;
    }
    return { removedBlobs };
  };
