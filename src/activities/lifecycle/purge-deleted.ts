import { FaultError, fault } from "../../domain/fault.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import type { ActivityPorts } from "../ports.ts";
import { purgeInstance } from "../remove-instance.ts";
import { whileAlone } from "./while-alone.ts";

/**
 * Purges an instance that is still soft-deleted when its purge instant has come; false: it was
 * brought back, or deleted again later.
 */
export const createPurgeDeleted =
  (ports: ActivityPorts) =>
  async (ref: InstanceRef): Promise<boolean> => {
    const purged = await whileAlone(ports, ref, () => purgeIfDue(ports, ref));
    if (purged !== "held") return purged;
    const values = { instance: ref.instanceName, detail: "its purge waits." };
    throw new FaultError(fault("UserErrorMaxConcurrentOperationLimitReached", values));
  };

async function purgeIfDue(ports: ActivityPorts, ref: InstanceRef): Promise<boolean> {
  const found = await ports.catalog.instances.get(ref);
  if (found === undefined) {
    // An earlier run may have died between the record and its mirror.
    await ports.catalog.instances.delete(ref);
    return true;
  }
  const purgeAt = found.value.deletion?.scheduledPurgeAt;
  if (purgeAt === undefined) return false;
  if (Date.parse(purgeAt) > ports.clock.now()) return false;
  // The etag decides between this and an undelete at the same moment: from here on it is too late.
  const purging = { ...found.value, protectionState: "SoftDeleting" } as const;
  const marked = await ports.catalog.instances.replace(purging, found.etag);
  if (marked === undefined) return false;
  await purgeInstance(ports, ref, marked.value);
  return true;
}
