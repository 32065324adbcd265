import { type BackupInstance, mayBecome } from "../domain/backup-instance.ts";
import type { Activity } from "./activity-types.ts";
import { planOverdueReviews } from "./lifecycle/plan-review.ts";
import { changeInstance } from "./load-instance.ts";
import { planNextBackup } from "./plan-next-backup.ts";
import { planValidation } from "./plan-validation.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Moves an instance to a protection state, as the table of legal moves allows, and sees to it that
 * the due index holds its next backup if and only if the state follows a schedule. An instance that
 * meanwhile went elsewhere (deleted, stopped) is left alone. Whoever resumes protection ends a hold
 * on retention: what came due under it is looked at soon.
 */
export const createSetProtection =
  (ports: ActivityPorts): Activity<"setProtection"> =>
  async ({ instance: ref, state, provisioningState, fault }) => {
    const changed = await changeInstance(ports, ref, (instance) => {
      if (!mayBecome(instance.protectionState, state)) return undefined;
      const { protectionError: _, ...rest } = instance;
      return {
        ...rest,
        provisioningState,
        protectionState: state,
        ...(fault === undefined ? {} : { protectionError: fault }),
      };
    });
    await planNextBackup(ports, ref);
    await planValidation(ports, ref);
    if (hasNoHold(changed)) await planOverdueReviews(ports, ref);
    return {};
  };

const hasNoHold = ({ protectionState }: BackupInstance): boolean =>
  protectionState === "ProtectionConfigured" || protectionState === "BackupSchedulesSuspended";
