import { acceptsBackup, type BackupInstance } from "../domain/backup-instance.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { formatRecordInstant, type Instant, parseInstant } from "../domain/instant.ts";
import { parsePolicy } from "../domain/policy/parse-policy.ts";
import type { BackupPolicy } from "../domain/policy/policy.ts";
import { nextDueInstants } from "../domain/policy/schedule.ts";
import { type InstanceRef, instanceKey, instanceResourceId } from "../domain/resource-id.ts";
import type { DueEntry } from "../ports/catalog.ts";
import { loadPolicy } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

type Ports = Pick<ActivityPorts, "catalog" | "clock">;

/** What a tick has just done; absent when somebody else plans. */
export interface ServedBackups {
  /** Every due instant up to this one is served. */
  readonly until: Instant;
  /** ISO instant of the row that said so. */
  readonly rowAt: string;
}

/**
 * Sees to it that the due index holds the instance's next backup if and only if its state follows a
 * schedule, and that the instance names it. The new row comes first and the instance last, changed or
 * not: of two who plan at the same time one meets the other's etag and plans again, by the policy
 * as it is then. A due instant that has come and that no tick has served yet stays planned, whatever
 * else changes.
 */
export async function planNextBackup(
  ports: Ports,
  ref: InstanceRef,
  served?: ServedBackups,
): Promise<void> {
  for (let attempt = 0; attempt < conflictLimit; attempt += 1) {
    const found = await ports.catalog.instances.get(ref);
    // While protection is being configured the schedule stays as it is; its end plans again.
    if (found?.value.protectionState === "ConfiguringProtection") return;
    const next = found && (await nextDueAt(ports, found.value, served));
    if (next !== undefined) await ports.catalog.due.put(backupRow(ref, next));
    for (const at of new Set([found?.value.nextDueAt, served?.rowAt]))
      if (at !== undefined && at !== next) await ports.catalog.due.remove(backupRow(ref, at));
    if (found === undefined) return;
    const planned = withNextDueAt(found.value, next);
    if ((await ports.catalog.instances.replace(planned, found.etag)) !== undefined) return;
  }
  throw new FaultError(fault("Conflict", { resource: instanceResourceId(ref) }));
}

const conflictLimit = 10;

export const backupRow = (ref: InstanceRef, at: string): DueEntry => ({
  kind: "backup",
  at,
  key: instanceKey(ref),
  payload: {
    subscriptionId: ref.subscriptionId,
    resourceGroup: ref.resourceGroup,
    vaultName: ref.vaultName,
    instanceName: ref.instanceName,
  },
});

async function nextDueAt(
  ports: Ports,
  instance: BackupInstance,
  served: ServedBackups | undefined,
): Promise<string | undefined> {
  if (!acceptsBackup(instance.protectionState)) return undefined;
  const policy = await readPolicy(ports, instance);
  const after = served?.until ?? lastServedAt(instance, ports.clock.now());
  const [next] = nextDueInstants(policy, after, 1);
  return next === undefined ? undefined : formatRecordInstant(next);
}

/** The policy must be readable: an instance that quietly loses its schedule is the worst outcome. */
async function readPolicy(ports: Ports, instance: BackupInstance): Promise<BackupPolicy> {
  const parsed = parsePolicy((await loadPolicy(ports, instance)).properties);
  if (parsed.ok) return parsed.value;
  const detail = `Backup policy '${instance.policyName}': ${parsed.error[0]?.message ?? "not valid"}`;
  throw new FaultError(fault("BMSUserErrorInvalidInput", { detail }));
}

function lastServedAt({ nextDueAt: planned }: BackupInstance, now: Instant): Instant {
  const plannedAt = planned === undefined ? undefined : parseInstant(planned);
  return plannedAt !== undefined && plannedAt <= now ? plannedAt - 1 : now;
}

const withNextDueAt = (
  { nextDueAt: _, ...instance }: BackupInstance,
  next: string | undefined,
): BackupInstance => (next === undefined ? instance : { ...instance, nextDueAt: next });
