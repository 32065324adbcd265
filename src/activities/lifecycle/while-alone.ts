import { FaultError } from "../../domain/fault.ts";
import type { InstanceRef } from "../../domain/resource-id.ts";
import { leaseName } from "../../domain/vault-paths.ts";
import { whileLeased } from "../leases.ts";
import type { ActivityPorts } from "../ports.ts";

/**
 * Runs work that belongs to no job under the instance's lease, so that nothing is expired, moved or
 * removed under a running backup or restore. Answers `held` when somebody else has it, or takes it
 * over after it lapsed: then try again later.
 */
export async function whileAlone<T>(
  ports: Pick<ActivityPorts, "leases" | "ids">,
  ref: InstanceRef,
  work: () => Promise<T>,
): Promise<T | "held"> {
  const holder = ports.ids.newGuid();
  try {
    return await whileLeased(ports, { instance: ref, jobId: holder }, work);
  } catch (error) {
    if (error instanceof FaultError && error.fault.code === "LeaseLost") return "held";
    throw error;
  } finally {
    await ports.leases.release(leaseName(ref), holder);
  }
}
