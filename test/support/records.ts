import type { BackupInstance } from "../../src/domain/backup-instance.ts";
import type { Job } from "../../src/domain/job.ts";
import type { Manifest } from "../../src/domain/manifest.ts";
import type { Operation } from "../../src/domain/operation.ts";
import type { InstanceRef, VaultRef } from "../../src/domain/resource-id.ts";
import type { PolicyResource, Vault } from "../../src/domain/vault.ts";

/** Well-formed records for tests that care about a few of their members only. */
export const vaultRef: VaultRef = {
  subscriptionId: "5F2C1A00-0000-4000-8000-00000000000A",
  resourceGroup: "Prod-RG",
  vaultName: "Main-Vault",
};

export const instanceRef: InstanceRef = { ...vaultRef, instanceName: "Orders-DB" };

export const sampleVault = (changes: Partial<Vault> = {}): Vault => ({
  ...vaultRef,
  location: "westeurope",
  storageSettings: [{ datastoreType: "VaultStore", type: "LocallyRedundant" }],
  provisioningState: "Succeeded",
  createdAt: "2026-01-01T00:00:00.000Z",
  createdBy: "tests",
  lastModifiedAt: "2026-01-01T00:00:00.000Z",
  lastModifiedBy: "tests",
  ...changes,
});

export const samplePolicy = (changes: Partial<PolicyResource> = {}): PolicyResource => ({
  vault: vaultRef,
  name: "Daily",
  properties: { objectType: "BackupPolicy" },
  modifiedAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

export function sampleInstance(changes: Partial<BackupInstance> = {}): BackupInstance {
  const name = changes.name ?? instanceRef.instanceName;
  const server =
    "/subscriptions/5f2c1a00-0000-4000-8000-00000000000a/resourceGroups/db/providers/Microsoft.DBforPostgreSQL/servers/pg1";
  return {
    vault: vaultRef,
    name,
    friendlyName: `pg1/${name}`,
    datasource: {
      resourceId: `${server}/databases/${name}`,
      resourceName: name,
      resourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      datasourceType: "Microsoft.DBforPostgreSQL/servers/databases",
      resourceLocation: "westeurope",
      resourceUri: "",
    },
    policyId: "/policies/Daily",
    policyName: "Daily",
    credentials: { kind: "secret", uri: "https://pgvault.localhost/secrets/pg1" },
    provisioningState: "Succeeded",
    protectionState: "ProtectionConfigured",
    createdAt: "2026-01-01T00:00:00.000Z",
    ...changes,
  };
}

export function sampleJob(changes: Partial<Job> = {}): Job {
  const id = changes.id ?? "00000000-0000-4000-8000-000000000001";
  return {
    id,
    vault: vaultRef,
    instanceName: instanceRef.instanceName,
    instanceId: "/instances/Orders-DB",
    friendlyName: "pg1/Orders-DB",
    datasourceId: "/databases/Orders-DB",
    datasourceName: "Orders-DB",
    datasourceType: "Microsoft.DBforPostgreSQL/servers/databases",
    datasourceLocation: "westeurope",
    policyId: "/policies/Daily",
    policyName: "Daily",
    category: "Backup",
    operation: "OnDemandBackup",
    isUserTriggered: true,
    status: "InProgress",
    startedAt: "2026-01-01T00:00:00.000Z",
    activityId: id,
    errors: [],
    subTasks: [],
    warnings: [],
    details: {},
    workflowId: `backUp-${id}`,
    ...changes,
  };
}

export const sampleOperation = (changes: Partial<Operation> = {}): Operation => ({
  id: "YWJj/ZGVm+Zw==",
  vault: vaultRef,
  location: "westeurope",
  kind: "Backup",
  status: "Inprogress",
  startedAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

export const sampleManifest = (changes: Partial<Manifest> = {}): Manifest => ({
  version: 1,
  recoveryPointId: "0".repeat(31) + "1",
  jobId: "00000000-0000-0000-0000-000000000001",
  source: {
    instanceName: instanceRef.instanceName,
    friendlyName: "pg1/Orders-DB",
    datasourceId: sampleInstance().datasource.resourceId,
    server: "pg1:5432",
    database: "Orders-DB",
    serverVersion: "15.18",
    clientVersion: "15.18",
    encoding: "UTF8",
    collate: "C",
    ctype: "C",
    databaseBytes: 1000,
  },
  retention: {
    policyName: "Daily",
    tag: "Default",
    rule: "Default",
    reason: "no other tag applies",
    tagVersion: "1",
    vaultStoreExpiresAt: "2026-02-01T00:00:00.000Z",
    expiresAt: "2026-02-01T00:00:00.000Z",
  },
  attempt: "Attempt-1",
  archive: {
    format: "directory",
    compression: "zstd",
    packs: [{ name: "0001.pack", length: 3 }],
    files: [],
    storedBytes: 3,
    rawBytes: 9,
  },
  takenAt: "2026-01-01T00:00:00.000Z",
  committedAt: "2026-01-01T00:01:00.000Z",
  ...changes,
});
