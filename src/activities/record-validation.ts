import type { BackupInstance } from "../domain/backup-instance.ts";
import type { Fault } from "../domain/fault.ts";
import { withValidation } from "../domain/validation.ts";
import { protectionEvent, type VaultEvent } from "../domain/vault-event.ts";
import type { Activity } from "./activity-types.ts";
import { changeInstance } from "./load-instance.ts";
import { putEvent, withdrawEvent } from "./outbox.ts";
import { planValidation } from "./plan-validation.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Writes what a validation found into the instance: a new problem makes it ProtectionError, no
 * problem any more makes it ProtectionConfigured. An instance that meanwhile went elsewhere (stopped,
 * deleted, configured anew) is left alone. Backups go on in either state. The event of a change is
 * laid out before the change, so that whoever dies in between tells too much rather than nothing.
 */
export const createRecordValidation =
  (ports: ActivityPorts): Activity<"recordValidation"> =>
  async ({ instance: ref, fault, validation }) => {
    const before = (await ports.catalog.instances.get(ref))?.value;
    if (before === undefined) return {};
    const event = eventOf(before, fault, validation);
    if (event !== undefined) await putEvent(ports, event);
    const after = await changeInstance(ports, ref, (instance) => withValidation(instance, fault));
    const announced = event?.data["currentProtectionState"];
    if (event !== undefined && announced !== after.protectionState) {
      await withdrawEvent(ports, event);
    }
    await planValidation(ports, ref);
    return {};
  };

function eventOf(
  before: BackupInstance,
  fault: Fault | undefined,
  { id: cause, startedAt: time }: { readonly id: string; readonly startedAt: string },
): VaultEvent | undefined {
  const after = withValidation(before, fault);
  return after && protectionEvent(before, after, { cause, time });
}
