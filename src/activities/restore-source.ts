import { FaultError, fault } from "../domain/fault.ts";
import type { Manifest } from "../domain/manifest.ts";
import { isReadable } from "../domain/recovery-point.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import type { RestoreSpec } from "../domain/restore-spec.ts";
import type { ActivityPorts } from "./ports.ts";
import { requireManifest } from "./read-manifest.ts";

/**
 * The manifest of the recovery point to restore. Rejects with `UserErrorRecoveryPointArchived` when
 * all its copies are archived and the request does not ask for rehydration.
 */
export async function restoreSource(
  ports: Pick<ActivityPorts, "blobs" | "catalog">,
  ref: InstanceRef,
  spec: RestoreSpec,
): Promise<Manifest> {
  const manifest = await requireManifest(ports, ref, spec.recoveryPointId);
  const indexed = await ports.catalog.recoveryPoints.get(ref, spec.recoveryPointId);
  if (indexed !== undefined && !isReadable(indexed.value) && spec.rehydration === undefined) {
    const values = { recoveryPoint: spec.recoveryPointId };
    throw new FaultError(fault("UserErrorRecoveryPointArchived", values));
  }
  return manifest;
}
