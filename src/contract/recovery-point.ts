import type { JsonObject } from "../domain/json.ts";
import type { RecoveryPoint, RecoveryPointStore } from "../domain/recovery-point.ts";
import { type InstanceRef, instanceResourceId } from "../domain/resource-id.ts";
import { wireInstant } from "./instants.ts";

/** `metaData` is null in lists and filled in for one point, as recorded. */
export type RecoveryPointDetail = "list" | "single";

/** `AzureBackupDiscreteRecoveryPoint`. */
export const presentRecoveryPoint = (
  instance: InstanceRef,
  point: RecoveryPoint,
  detail: RecoveryPointDetail,
): JsonObject => ({
  properties: {
    objectType: "AzureBackupDiscreteRecoveryPoint",
    recoveryPointId: point.id,
    recoveryPointTime: wireInstant(point.takenAt),
    recoveryPointType: point.backupType,
    friendlyName: point.friendlyName,
    recoveryPointDataStoresDetails: point.stores.map((store) => presentStore(point, store, detail)),
    retentionTagName: point.retentionTag,
    retentionTagVersion: point.retentionTagVersion,
    policyName: point.policyName,
    policyVersion: null,
    expiryTime: point.expiresAt === undefined ? null : wireInstant(point.expiresAt),
    recoveryPointState: "Completed",
  },
  id: `${instanceResourceId(instance)}/recoveryPoints/${point.id}`,
  name: point.id,
  type: "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints",
});

const presentStore = (
  point: RecoveryPoint,
  store: RecoveryPointStore,
  detail: RecoveryPointDetail,
): JsonObject => ({
  id: store.id,
  type: store.type,
  creationTime: wireInstant(store.createdAt),
  expiryTime: store.expiresAt === undefined ? null : wireInstant(store.expiresAt),
  metaData: detail === "single" ? metaDataOf(point) : null,
  visible: true,
  state: "COMMITTED",
  rehydrationExpiryTime:
    store.rehydrationExpiresAt === undefined ? null : wireInstant(store.rehydrationExpiresAt),
  rehydrationStatus: store.rehydrationStatus ?? null,
});

/** Facts of pgvault about a point; Azure's `metaData` is a JSON text of its own making as well. */
const metaDataOf = (point: RecoveryPoint): string =>
  JSON.stringify({
    databaseName: point.databaseName,
    serverVersion: point.serverVersion,
    storedBytes: point.storedBytes,
    sourceBytes: point.sourceBytes,
    retentionRule: point.retentionRule,
    retentionReason: point.retentionReason,
    jobId: point.jobId,
    ...(point.verification === undefined ? {} : { verification: point.verification }),
  });
