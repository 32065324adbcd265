import { FaultError, fault } from "../domain/fault.ts";
import type { Manifest } from "../domain/manifest.ts";
import { parseManifest } from "../domain/parse-manifest.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import { manifestPath } from "../domain/vault-paths.ts";
import type { ActivityPorts } from "./ports.ts";

/** The manifest, or undefined: then there is no such recovery point. */
export async function readManifest(
  { blobs }: Pick<ActivityPorts, "blobs">,
  instance: InstanceRef,
  recoveryPointId: string,
): Promise<Manifest | undefined> {
  const body = await blobs.get(manifestPath(instance, recoveryPointId));
  if (body === undefined) return undefined;
  return parseManifest(new TextDecoder().decode(body), recoveryPointId);
}

/** The manifest, or FaultError `UserErrorRecoveryPointNotFound`. */
export async function requireManifest(
  ports: Pick<ActivityPorts, "blobs">,
  instance: InstanceRef,
  recoveryPointId: string,
): Promise<Manifest> {
  const manifest = await readManifest(ports, instance, recoveryPointId);
  if (manifest !== undefined) return manifest;
  const values = { recoveryPoint: recoveryPointId, instance: instance.instanceName };
  throw new FaultError(fault("UserErrorRecoveryPointNotFound", values));
}
