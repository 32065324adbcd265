import type { InstanceRef } from "../domain/resource-id.ts";
import type { Activity } from "./activity-types.ts";
import { changeInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { planNextBackup } from "./set-protection.ts";

type Ports = Pick<ActivityPorts, "catalog" | "clock">;

/** Plans an instance's next backup by its policy as it is now; its protection state stays. */
export const createReplanInstance =
  (ports: Ports): Activity<"replanInstance"> =>
  async ({ instance }) => {
    await replan(ports, instance);
    return {};
  };

/** The same for every instance under a policy that was changed. */
export const createReplanPolicy =
  (ports: Ports): Activity<"replanPolicy"> =>
  async ({ vault, policyName }) => {
    const names = await ports.catalog.instances.ofPolicy(vault, policyName, instanceLimit);
    for (const instanceName of names) await replan(ports, { ...vault, instanceName });
    return { replanned: names.length };
  };

/** Azure allows 5,000 backup instances in a vault. */
const instanceLimit = 5_000;

async function replan(ports: Ports, ref: InstanceRef): Promise<void> {
  const instance = await changeInstance(ports, ref, (current) =>
    current.provisioningState === "Updating"
      ? { ...current, provisioningState: "Succeeded" }
      : undefined,
  );
  await planNextBackup(ports, ref, instance);
}
