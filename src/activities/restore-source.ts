import { FaultError, fault } from "../domain/fault.ts";
import type { Manifest } from "../domain/manifest.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import { readableFolder } from "./lifecycle/stores.ts";
import type { ActivityPorts } from "./ports.ts";
import { requireManifest } from "./read-manifest.ts";

export interface RestoreSource {
  readonly manifest: Manifest;
  /** Folder of the packs; undefined while all copies are archived. */
  readonly folder: string | undefined;
}

/** Manifest and packs of a recovery point, or `UserErrorRecoveryPointNotFound`. */
export async function findRestoreSource(
  ports: Pick<ActivityPorts, "blobs" | "catalog">,
  ref: InstanceRef,
  recoveryPointId: string,
): Promise<RestoreSource> {
  const manifest = await requireManifest(ports, ref, recoveryPointId);
  const indexed = await ports.catalog.recoveryPoints.get(ref, recoveryPointId);
  return { manifest, folder: readableFolder(ref, manifest, indexed?.value) };
}

/** The same for a restore that reads now: `UserErrorRecoveryPointArchived` when it cannot. */
export async function requireReadable(
  ports: Pick<ActivityPorts, "blobs" | "catalog">,
  ref: InstanceRef,
  recoveryPointId: string,
): Promise<{ manifest: Manifest; folder: string }> {
  const { manifest, folder } = await findRestoreSource(ports, ref, recoveryPointId);
  if (folder !== undefined) return { manifest, folder };
  throw new FaultError(fault("UserErrorRecoveryPointArchived", { recoveryPoint: recoveryPointId }));
}
