import { withValidation } from "../domain/validation.ts";
import type { Activity } from "./activity-types.ts";
import { changeInstance } from "./load-instance.ts";
import { planValidation } from "./plan-validation.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Writes what a validation found into the instance: a new problem makes it ProtectionError, no
 * problem any more makes it ProtectionConfigured. An instance that meanwhile went elsewhere (stopped,
 * deleted, configured anew) is left alone. Backups go on in either state.
 */
export const createRecordValidation =
  (ports: ActivityPorts): Activity<"recordValidation"> =>
  async ({ instance: ref, fault }) => {
    if ((await ports.catalog.instances.get(ref)) === undefined) return {};
    await changeInstance(ports, ref, (instance) => withValidation(instance, fault));
    await planValidation(ports, ref);
    return {};
  };
