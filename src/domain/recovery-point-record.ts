import type { Manifest } from "./manifest.ts";
import type { RecoveryPoint } from "./recovery-point.ts";

/** The index record of a freshly committed recovery point; also used to rebuild the index. */
export function presentRecoveryPoint(manifest: Manifest): RecoveryPoint {
  const { source, retention, archive } = manifest;
  return {
    id: manifest.recoveryPointId,
    jobId: manifest.jobId,
    instanceName: source.instanceName,
    friendlyName: manifest.recoveryPointId,
    takenAt: manifest.takenAt,
    backupType: "Full",
    policyName: retention.policyName,
    stores: [
      {
        id: manifest.jobId,
        type: "VaultStore",
        createdAt: manifest.committedAt,
        expiresAt: retention.vaultStoreExpiresAt,
      },
    ],
    retentionTag: retention.tag,
    retentionTagVersion: retention.tagVersion,
    retentionRule: retention.rule,
    retentionReason: retention.reason,
    expiresAt: retention.expiresAt,
    vaultStoreExpiresAt: retention.vaultStoreExpiresAt,
    ...(retention.archive === undefined ? {} : { archivePromise: retention.archive }),
    serverVersion: source.serverVersion,
    databaseName: source.database,
    storedBytes: archive.storedBytes,
    sourceBytes: source.databaseBytes,
  };
}
