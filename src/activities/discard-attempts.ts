import { recoveryPointIdOf } from "../domain/recovery-point.ts";
import { packFolder, recoveryPointFolder } from "../domain/vault-paths.ts";
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
    // Only what dumps write: the archive's and rehydrated copies beside it are the lifecycle's.
    const packs = `${recoveryPointFolder(instance, id)}/packs/`;
    for await (const { path } of ports.blobs.list(packs, { uncommitted: true })) {
      const isPack = committed !== undefined && path.startsWith(`${committed}/`);
      if (isPack && !path.endsWith(`/${draftName}`)) continue;
      if (await ports.blobs.delete(path)) removedBlobs += 1;
    }
    return { removedBlobs };
  };
