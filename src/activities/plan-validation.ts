import { formatRecordInstant } from "../domain/instant.ts";
import { type InstanceRef, instanceKey } from "../domain/resource-id.ts";
import { isWatched, nextValidationAt } from "../domain/validation.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Sees to it that the due index holds the next validation of an instance that is backed up. The
 * instant derives from the instance and the clock's day or hour, so that planning twice makes one
 * row; the row of an instance that is no longer backed up is dropped when it comes due.
 */
export async function planValidation(
  { catalog, clock }: Pick<ActivityPorts, "catalog" | "clock">,
  ref: InstanceRef,
): Promise<void> {
  const found = await catalog.instances.get(ref);
  if (found === undefined || !isWatched(found.value)) return;
  await catalog.due.put({
    kind: "validation",
    at: formatRecordInstant(nextValidationAt(ref, found.value, clock.now())),
    key: instanceKey(ref),
    payload: {
      subscriptionId: ref.subscriptionId,
      resourceGroup: ref.resourceGroup,
      vaultName: ref.vaultName,
      instanceName: ref.instanceName,
    },
  });
}
