import { acceptsBackup, type BackupInstance, mayBecome } from "../domain/backup-instance.ts";
import { parsePolicy } from "../domain/policy/parse-policy.ts";
import { nextDueInstants } from "../domain/policy/schedule.ts";
import { type InstanceRef, instanceKey } from "../domain/resource-id.ts";
import type { Activity } from "./activity-types.ts";
import { changeInstance, loadPolicy } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Moves an instance to a protection state, as the table of legal moves allows, and sees to it that
 * the due index holds its next backup if and only if the state follows a schedule. An instance that
 * meanwhile went elsewhere (deleted, stopped) is left alone.
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
    await planNextBackup(ports, ref, changed);
    return {};
  };

/** Writes the next due instant of the policy as it is now, into the index and the instance. */
export async function planNextBackup(
  ports: Pick<ActivityPorts, "catalog" | "clock">,
  ref: InstanceRef,
  instance: BackupInstance,
): Promise<void> {
  const next = acceptsBackup(instance.protectionState)
    ? await nextDueAt(ports, instance)
    : undefined;
  if (next === instance.nextDueAt && next === undefined) return;
  if (next !== undefined) {
    const key = instanceKey(ref);
    await ports.catalog.due.put({ kind: "backup", at: next, key, payload: { ...ref } });
  }
  await changeInstance(ports, ref, ({ nextDueAt: _, ...current }) =>
    next === undefined ? current : { ...current, nextDueAt: next },
  );
  if (instance.nextDueAt !== undefined && instance.nextDueAt !== next) {
    const key = instanceKey(ref);
    await ports.catalog.due.remove({ kind: "backup", at: instance.nextDueAt, key });
  }
}

async function nextDueAt(
  ports: Pick<ActivityPorts, "catalog" | "clock">,
  instance: BackupInstance,
): Promise<string | undefined> {
  const policy = parsePolicy((await loadPolicy(ports, instance)).properties);
  if (!policy.ok) return undefined;
  const [next] = nextDueInstants(policy.value, ports.clock.now(), 1);
  return next === undefined ? undefined : new Date(next).toISOString();
}
