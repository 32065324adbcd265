import type { BackupInstance } from "../domain/backup-instance.ts";
import type { Job } from "../domain/job.ts";
import type { JsonObject } from "../domain/json.ts";
import { instanceResourceId, jobResourceId, vaultResourceId } from "../domain/resource-id.ts";
import type { Vault } from "../domain/vault.ts";
import { presentInstanceProperties } from "./backup-instance.ts";
import { wireInstant } from "./instants.ts";
import { presentJob } from "./job.ts";
import { pairedRegionOf } from "./paired-regions.ts";
import { presentVault, type VaultFacts } from "./vault.ts";

/** Columns that every row of Azure Resource Graph has. */
const row = (
  vault: Vault,
  id: string,
  name: string,
  type: string,
  more: JsonObject,
): JsonObject => ({
  id,
  name,
  type,
  tenantId: vault.identity?.tenantId ?? "",
  kind: "",
  location: vault.location,
  resourceGroup: vault.resourceGroup.toLowerCase(),
  subscriptionId: vault.subscriptionId,
  managedBy: "",
  sku: null,
  plan: null,
  tags: null,
  identity: null,
  zones: null,
  extendedLocation: null,
  ...more,
});

export const vaultRow = (vault: Vault, facts: VaultFacts): JsonObject =>
  row(vault, vaultResourceId(vault), vault.vaultName, graphTypes.vaults, {
    properties: presentVault(vault, facts)["properties"] ?? null,
    tags: vault.tags ?? null,
    identity: vault.identity === undefined ? null : { ...vault.identity },
  });

export const jobRow = (vault: Vault, job: Job): JsonObject =>
  row(vault, jobResourceId(job.vault, job.id), job.id, graphTypes.jobs, {
    properties: presentJob(job, "single")["properties"] ?? null,
  });

export const instanceRow = (vault: Vault, instance: BackupInstance): JsonObject =>
  row(
    vault,
    instanceResourceId({ ...instance.vault, instanceName: instance.name }),
    instance.name,
    graphTypes.instances,
    {
      tags: instance.tags ?? null,
      properties: {
        ...presentInstanceProperties(instance),
        backupInstanceExtendedProperties: extendedProperties(vault, instance),
      },
    },
  );

/** Lower-case, as Resource Graph answers types. */
export const graphTypes = {
  vaults: "microsoft.dataprotection/backupvaults",
  instances: "microsoft.dataprotection/backupvaults/backupinstances",
  jobs: "microsoft.dataprotection/backupvaults/backupjobs",
} as const;

const extendedProperties = (vault: Vault, instance: BackupInstance): JsonObject => ({
  protectionStateInSecondaryRegion: null,
  protectedPrimaryRegion: vault.location,
  protectedSecondaryRegion: pairedRegionOf(vault.location) ?? null,
  vaultId: vaultResourceId(vault),
  policyExtendedInfo: { policyName: instance.policyName },
  nextBackupTime: instance.nextDueAt === undefined ? null : wireInstant(instance.nextDueAt),
});
