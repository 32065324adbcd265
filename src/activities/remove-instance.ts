import type { BackupInstance } from "../domain/backup-instance.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { dayMs } from "../domain/instant.ts";
import { type InstanceRef, instanceKey } from "../domain/resource-id.ts";
import type { Vault } from "../domain/vault.ts";
import { instanceFolder } from "../domain/vault-paths.ts";
import type { Activity } from "./activity-types.ts";
import { dropReviews } from "./lifecycle/plan-review.ts";
import { whileAlone } from "./lifecycle/while-alone.ts";
import { changeInstance } from "./load-instance.ts";
import { backupRow, planNextBackup } from "./plan-next-backup.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Soft-deletes the instance when the vault says so (it can be undeleted until its purge instant),
 * else purges it. Refused while a job holds the instance's lease.
 */
export const createRemoveInstance =
  (ports: ActivityPorts): Activity<"removeInstance"> =>
  async ({ instance: ref }) => {
    const removed = await whileAlone(ports, ref, async () => {
      const found = await ports.catalog.instances.get(ref);
      if (found === undefined) {
        // An earlier run may have died between the record and its mirror.
        await ports.catalog.instances.delete(ref);
        return { purged: true };
      }
      const vault = await ports.catalog.vaults.get(ref);
      const keepDays = softDeleteDays(vault?.value);
      if (keepDays > 0) await softDelete(ports, ref, keepDays);
      else await purgeInstance(ports, ref, await startPurge(ports, ref));
      return { purged: keepDays === 0 };
    });
    if (removed === "held") throw busy(ref);
    return removed;
  };

/** From here on nothing starts for this instance, and nobody brings it back. */
const startPurge = (
  ports: Pick<ActivityPorts, "catalog">,
  ref: InstanceRef,
): Promise<BackupInstance> =>
  changeInstance(ports, ref, (current) => ({ ...current, protectionState: "SoftDeleting" }));

/**
 * Frees everything: manifests first, so that at no moment a recovery point exists that cannot be
 * restored; then packs, index rows, the claim on the datasource and the definition. Repeatable.
 */
export async function purgeInstance(
  ports: Pick<ActivityPorts, "blobs" | "catalog" | "clock">,
  ref: InstanceRef,
  instance: BackupInstance,
): Promise<void> {
  const folder = `${instanceFolder(ref)}/recovery-points/`;
  await deleteBlobs(ports, folder, (path) => path.endsWith("/manifest.json"));
  await deleteBlobs(ports, folder, () => true);
  for (;;) {
    const page = await ports.catalog.recoveryPoints.list(ref, { limit: pageLimit });
    for (const point of page.items) {
      await dropReviews(ports, ref, point);
      await ports.catalog.recoveryPoints.delete(ref, point.id);
    }
    if (page.items.length < pageLimit) break;
  }
  if (instance.nextDueAt !== undefined)
    await ports.catalog.due.remove(backupRow(ref, instance.nextDueAt));
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

/** The purge's due row comes first: an instance that nobody purges would stay for ever. */
async function softDelete(
  ports: Pick<ActivityPorts, "catalog" | "clock" | "ids">,
  ref: InstanceRef,
  keepDays: number,
): Promise<void> {
  const now = ports.clock.now();
  const purgeAt = new Date(now + keepDays * dayMs).toISOString();
  await ports.catalog.due.put({
    kind: "purge",
    at: purgeAt,
    key: instanceKey(ref),
    payload: { ...ref },
  });
  const deletion = {
    deletedAt: new Date(now).toISOString(),
    scheduledPurgeAt: purgeAt,
    activityId: ports.ids.newGuid(),
  };
  const deleted = await changeInstance(ports, ref, (current) =>
    current.protectionState === "SoftDeleted"
      ? current
      : {
          ...current,
          protectionState: "SoftDeleted",
          provisioningState: "Succeeded",
          deletion: { ...deletion, stateBefore: current.protectionState },
        },
  );
  await planNextBackup(ports, ref);
  // The datasource may be protected elsewhere meanwhile; undelete claims it again on resume.
  await ports.catalog.instances.releaseDatasource(deleted.datasource.resourceId, ref);
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
