import type { Manifest } from "../../domain/manifest.ts";
import type { RecoveryPoint, RecoveryPointStore } from "../../domain/recovery-point.ts";
import { presentRecoveryPoint } from "../../domain/recovery-point-record.ts";
import { type PackCopy, parseVaultPath, vaultsRoot } from "../../domain/vault-paths.ts";
import type { BlobStore } from "../../ports/blob-store.ts";

/** A recovery point as its blobs tell of it. */
export interface FoundRecoveryPoint {
  readonly recoveryPointId: string;
  readonly manifestPath: string;
  /** Path of the mirror of the instance that it belongs to. */
  readonly instancePath: string;
  readonly packs: readonly FoundPack[];
}

export interface FoundPack {
  readonly copy: PackCopy;
  readonly attempt: string;
  readonly isArchived: boolean;
}

/** Every recovery point that has a manifest; the blobs of one follow each other in path order. */
export async function* recoveryPointsIn(blobs: BlobStore): AsyncIterable<FoundRecoveryPoint> {
  let folder = "";
  let packs: FoundPack[] = [];
  let manifest: Omit<FoundRecoveryPoint, "packs"> | undefined;
  for await (const item of blobs.list(vaultsRoot)) {
    const found = parseVaultPath(item.path);
    if (found?.kind !== "manifest" && found?.kind !== "pack") continue;
    const instanceFolder = `${vaultsRoot}${found.key}/instances/${found.name}`;
    const here = `${instanceFolder}/recovery-points/${found.recoveryPointId}`;
    if (here !== folder) {
      if (manifest !== undefined) yield { ...manifest, packs };
      [folder, packs, manifest] = [here, [], undefined];
    }
    if (found.kind === "pack") {
      const { copy, attempt } = found;
      packs.push({ copy, attempt: attempt.toLowerCase(), isArchived: item.tier === "Archive" });
    } else {
      const { recoveryPointId } = found;
      const instancePath = `${instanceFolder}/instance.json`;
      manifest = { recoveryPointId, manifestPath: item.path, instancePath };
    }
  }
  if (manifest !== undefined) yield { ...manifest, packs };
}

/**
 * The index record, with the stores in which all packs really are. A rehydrated copy is left out:
 * who needs it rehydrates again.
 */
export function recordOf(manifest: Manifest, packs: readonly FoundPack[]): RecoveryPoint {
  const point = presentRecoveryPoint(manifest);
  const attempt = manifest.attempt.toLowerCase();
  const of = (copy: PackCopy) =>
    packs.filter((pack) => pack.copy === copy && pack.attempt === attempt);
  const own = of("packs");
  const ownAreArchived = own.length > 0 && own.every((pack) => pack.isArchived);
  const copies = of("archive").length;
  const copyIsWhole = copies > 0 && copies >= manifest.archive.packs.length;
  const isInVault = own.length > 0 && !ownAreArchived;
  return {
    ...point,
    stores: [
      ...(isInVault ? point.stores : []),
      ...(ownAreArchived || copyIsWhole ? [archiveStoreOf(manifest)] : []),
    ],
  };
}

/** As the lifecycle writes it (src/activities/lifecycle); when it moved is known from the promise. */
function archiveStoreOf({ jobId, committedAt, retention }: Manifest): RecoveryPointStore {
  return {
    id: `${jobId}-archive`,
    type: "ArchiveStore",
    createdAt: retention.archive?.dueAt ?? committedAt,
    expiresAt: retention.archive?.expiresAt ?? retention.expiresAt,
  };
}
