import type { BackupInstance } from "../domain/backup-instance.ts";
import type { JsonObject } from "../domain/json.ts";
import { vaultResourceId } from "../domain/resource-id.ts";
import { presentInstanceProperties } from "./backup-instance.ts";
import { wireInstant } from "./instants.ts";

/** `DeletedBackupInstanceResource`: a soft-deleted instance and when it will be purged. */
export const presentDeletedInstance = (instance: BackupInstance): JsonObject => ({
  properties: {
    ...presentInstanceProperties(instance),
    objectType: "DeletedBackupInstance",
    deletionInfo: presentDeletion(instance),
  },
  id: `${vaultResourceId(instance.vault)}/deletedBackupInstances/${instance.name}`,
  name: instance.name,
  type: "Microsoft.DataProtection/backupVaults/deletedBackupInstances",
});

function presentDeletion({ deletion }: BackupInstance): JsonObject | null {
  if (deletion === undefined) return null;
  const scheduledPurgeTime = wireInstant(deletion.scheduledPurgeAt);
  return {
    deletionTime: wireInstant(deletion.deletedAt),
    billingEndDate: scheduledPurgeTime,
    scheduledPurgeTime,
    deleteActivityID: deletion.activityId,
  };
}
