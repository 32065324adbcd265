import type { BackupInstance } from "../domain/backup-instance.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { type InstanceRef, instanceKey } from "../domain/resource-id.ts";
import type { Vault } from "../domain/vault.ts";
import { instanceFolder, leaseName } from "../domain/vault-paths.ts";
import type { Activity } from "./activity-types.ts";
import { changeInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

const dayMs = 86_400_000;

/**
 * Soft-deletes the instance when the vault says so (it can be undeleted until its purge instant),
 * else purges it. Refused while a job holds the instance's lease.
 */
export const createRemoveInstance =
  (ports: ActivityPorts): Activity<"removeInstance"> =>
  async ({ instance: ref }) => {
    const found = await ports.catalog.instances.get(ref);
    if (found === undefined) return { purged: true };
    const vault = await ports.catalog.vaults.get(ref);
    const holder = ports.ids.newGuid();
    if ((await ports.leases.acquire(leaseName(ref), holder)) === "held") throw busy(ref);
    try {
      await unplan(ports, ref, found.value);
      const keepDays = softDeleteDays(vault?.value);
      if (keepDays > 0) await softDelete(ports, ref, found.value, keepDays);
      else await purgeInstance(ports, ref, found.value);
      return { purged: keepDays === 0 };
    } finally {
      await ports.leases.release(leaseName(ref), holder);
    }
  };

/**
 * Frees everything: manifests first, so that at no moment a recovery point exists that cannot be
 * restored; then packs, index rows, the claim on the datasource and the definition. Repeatable.
 */
export async function purgeInstance(
  ports: Pick<ActivityPorts, "blobs" | "catalog">,
  ref: InstanceRef,
  instance: BackupInstance,
): Promise<void> {
  const folder = `${instanceFolder(ref)}/recovery-points/`;
  await deleteBlobs(ports, folder, (path) => path.endsWith("/manifest.json"));
  await deleteBlobs(ports, folder, () => true);
  for (;;) {
    const page = await ports.catalog.recoveryPoints.list(ref, { limit: pageLimit });
    for (const point of page.items) await ports.catalog.recoveryPoints.delete(ref, point.id);
    if (page.items.length < pageLimit) break;
  }
  await ports.catalog.instances.releaseDatasource(instance.datasource.resourceId, ref);
  await ports.catalog.instances.delete(ref);
}

const pageLimit = 500;

async function deleteBlobs(
  { blobs }: Pick<ActivityPorts, "blobs">,
  prefix: string,
  isWanted: (path: string) => boolean,
): Promise<void> {
  for await (const { path } of blobs.list(prefix, { uncommitted: true })) {
    if (isWanted(path)) await blobs.delete(path);
  }
}

async function softDelete(
  ports: Pick<ActivityPorts, "catalog" | "clock" | "ids">,
  ref: InstanceRef,
  instance: BackupInstance,
  keepDays: number,
): Promise<void> {
  const now = ports.clock.now();
  const purgeAt = new Date(now + keepDays * dayMs).toISOString();
  const key = instanceKey(ref);
  await ports.catalog.due.put({ kind: "purge", at: purgeAt, key, payload: { ...ref } });
  await changeInstance(ports, ref, (current) =>
    current.protectionState === "SoftDeleted"
      ? undefined
      : {
          ...current,
          protectionState: "SoftDeleted",
          provisioningState: "Succeeded",
          deletion: {
            deletedAt: new Date(now).toISOString(),
            scheduledPurgeAt: purgeAt,
            activityId: ports.ids.newGuid(),
            stateBefore: current.protectionState,
          },
        },
  );
  // The datasource may be protected elsewhere meanwhile; undelete claims it again on resume.
  await ports.catalog.instances.releaseDatasource(instance.datasource.resourceId, ref);
}

async function unplan(
  { catalog }: Pick<ActivityPorts, "catalog">,
  ref: InstanceRef,
  { nextDueAt }: BackupInstance,
): Promise<void> {
  if (nextDueAt === undefined) return;
  await catalog.due.remove({ kind: "backup", at: nextDueAt, key: instanceKey(ref) });
}

/** Days that a soft-deleted instance can be brought back; 0 when soft delete is off. */
const softDeleteDays = (vault: Vault | undefined): number => {
  const state = vault?.softDelete?.state.toLowerCase();
  return state === "on" || state === "alwayson"
    ? (vault?.softDelete?.retentionDurationInDays ?? 14)
    : 0;
};

const busy = (ref: InstanceRef): FaultError =>
  new FaultError(
    fault("UserErrorMaxConcurrentOperationLimitReached", {
      instance: ref.instanceName,
      detail: "it must end before the instance can be deleted.",
    }),
  );
