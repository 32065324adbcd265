import { FaultError, fault } from "../../domain/fault.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { leaseName } from "../../domain/vault-paths.ts";
import type { ActivityPorts } from "../ports.ts";
import { purgeInstance } from "../remove-instance.ts";

/** Purges an instance that is still soft-deleted when its purge instant has come. */
export const createPurgeDeleted =
  (ports: ActivityPorts) =>
  async (ref: InstanceRef): Promise<boolean> => {
    const holder = ports.ids.newGuid();
    if ((await ports.leases.acquire(leaseName(ref), holder)) === "held") {
      const values = { instance: ref.instanceName, detail: "its purge waits." };
      throw new FaultError(fault("UserErrorMaxConcurrentOperationLimitReached", values));
    }
    try {
      const found = await ports.catalog.instances.get(ref);
      const purgeAt = found?.value.deletion?.scheduledPurgeAt;
      if (found === undefined || purgeAt === undefined) return false;
      if (Date.parse(purgeAt) > ports.clock.now()) return false;
      await purgeInstance(ports, ref, found.value);
      return true;
    } finally {
      await ports.leases.release(leaseName(ref), holder);
    }
  };
