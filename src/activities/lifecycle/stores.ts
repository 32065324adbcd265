import type { Manifest } from "../../domain/manifest.ts";
import type { RecoveryPoint, RecoveryPointStore } from "../../domain/recovery-point.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { archiveFolder, packFolder, rehydratedFolder } from "../../domain/vault-paths.ts";

export const storeOf = (
  point: RecoveryPoint,
  type: RecoveryPointStore["type"],
): RecoveryPointStore | undefined => point.stores.find((store) => store.type === type);

/** Replaces the store of the same type, or adds it; `undefined` removes it. */
export function withStore(
  point: RecoveryPoint,
  type: RecoveryPointStore["type"],
  store: RecoveryPointStore | undefined,
): RecoveryPoint {
  const others = point.stores.filter((other) => other.type !== type);
  return { ...point, stores: store === undefined ? others : [...others, store] };
}

/**
 * Where the archived packs lie: in a folder of their own when they were copied, in the first one
 * when they were moved by tier. Which of the two follows from the promise.
 */
export function archivedFolder(ref: InstanceRef, manifest: Manifest): string {
  const { recoveryPointId, attempt, retention } = manifest;
  return retention.archive?.option === "CopyOnExpiryOption"
    ? packFolder(ref, recoveryPointId, attempt)
    : archiveFolder(ref, recoveryPointId, attempt);
}

/** Folder of packs that can be read now; undefined while all copies are archived. */
export function readableFolder(
  ref: InstanceRef,
  manifest: Manifest,
  point: RecoveryPoint | undefined,
): string | undefined {
  const { recoveryPointId, attempt } = manifest;
  if (point === undefined || storeOf(point, "VaultStore") !== undefined)
    return packFolder(ref, recoveryPointId, attempt);
  return storeOf(point, "ArchiveStore")?.rehydrationStatus === "COMPLETED"
    ? rehydratedFolder(ref, recoveryPointId, attempt)
    : undefined;
}
