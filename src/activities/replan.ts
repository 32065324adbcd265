import type { InstanceRef } from "../domain/resource-id.ts";
import type { Activity } from "./activity-types.ts";
import { changeInstance } from "./load-instance.ts";
import { planNextBackup } from "./plan-next-backup.ts";
import { planValidation } from "./plan-validation.ts";
import type { ActivityPorts } from "./ports.ts";

type Ports = Pick<ActivityPorts, "catalog" | "clock">;

/** Plans an instance's next backup by its policy as it is now; its protection state stays. */
export const createReplanInstance =
  (ports: Ports): Activity<"replanInstance"> =>
  async ({ instance: ref }) => {
    await changeInstance(ports, ref, (current) =>
      current.provisioningState === "Updating"
        ? { ...current, provisioningState: "Succeeded" }
        : undefined,
    );
    await planNextBackup(ports, ref);
    await planValidation(ports, ref);
    return {};
  };

/**
 * The same for every instance under a policy that was changed. One instance's trouble does not keep
 * the others on the old schedule; it is reported when all have had their turn.
 */
export const createReplanPolicy =
  (ports: Ports): Activity<"replanPolicy"> =>
  async ({ vault, policyName }) => {
    const names = await ports.catalog.instances.ofPolicy(vault, policyName, instanceLimit);
    const refs: readonly InstanceRef[] = names.map((instanceName) => ({ ...vault, instanceName }));
    const errors: unknown[] = [];
    for (const ref of refs) {
      try {
        await planNextBackup(ports, ref);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
    return { replanned: names.length };
  };

/** Azure allows 5,000 backup instances in a vault. */
const instanceLimit = 5_000;
