import { z } from "zod";
import type { JsonObject } from "../domain/json.ts";
import { type VaultRef, vaultResourceId } from "../domain/resource-id.ts";
import type { Vault, VaultIdentity } from "../domain/vault.ts";
import { locationPattern } from "./names.ts";
import { pairedRegionOf } from "./paired-regions.ts";
import { dataStoreTypes, guardRequestsSchema, tagsSchema } from "./resource-parts.ts";
import { securityLevelsOf } from "./security-levels.ts";

/** Echoed in the caller's casing, `OFF` included, as the service does. */
const softDeleteState = z.string().regex(/^(?:Off|On|AlwaysOn)$/i, "Expected Off, On or AlwaysOn");

const defaultSoftDeleteDays = 14;
const softDeleteSchema = z.object({
  state: softDeleteState.default("On"),
  retentionDurationInDays: z.number().min(14).max(180).default(defaultSoftDeleteDays),
});

const encryptionSchema = z.object({
  state: z.enum(["Enabled", "Disabled", "Inconsistent"]).exactOptional(),
  keyVaultProperties: z.object({ keyUri: z.string().max(1024) }).exactOptional(),
  kekIdentity: z
    .object({
      identityType: z.enum(["SystemAssigned", "UserAssigned"]).exactOptional(),
      identityId: z.string().max(1024).exactOptional(),
    })
    .exactOptional(),
  infrastructureEncryption: z.enum(["Enabled", "Disabled"]).exactOptional(),
});

const monitoringSchema = z.object({
  azureMonitorAlertSettings: z
    .object({ alertsForAllJobFailures: z.enum(["Enabled", "Disabled"]) })
    .exactOptional(),
});

const securitySchema = z.object({
  softDeleteSettings: softDeleteSchema.exactOptional(),
  immutabilitySettings: z
    .object({ state: z.enum(["Disabled", "Unlocked", "Locked"]) })
    .exactOptional(),
  encryptionSettings: encryptionSchema.exactOptional(),
});

const featureSchema = z.object({
  crossSubscriptionRestoreSettings: z
    .object({ state: z.enum(["Enabled", "Disabled", "PermanentlyDisabled"]) })
    .exactOptional(),
  crossRegionRestoreSettings: z.object({ state: z.enum(["Enabled", "Disabled"]) }).exactOptional(),
});

const identitySchema = z.object({
  type: z
    .string()
    .regex(
      /^(?:None|SystemAssigned|UserAssigned|SystemAssigned, ?UserAssigned)$/i,
      "Expected None, SystemAssigned, UserAssigned or SystemAssigned,UserAssigned",
    ),
  userAssignedIdentities: z.record(z.string().max(1024), z.object({})).exactOptional(),
});

const settingsShape = {
  securitySettings: securitySchema.exactOptional(),
  monitoringSettings: monitoringSchema.exactOptional(),
  featureSettings: featureSchema.exactOptional(),
  resourceGuardOperationRequests: guardRequestsSchema.exactOptional(),
};

export const vaultResourceSchema = z.object({
  location: z.string().regex(locationPattern, "Expected the name of a region"),
  tags: tagsSchema.exactOptional(),
  identity: identitySchema.exactOptional(),
  properties: z.object({
    storageSettings: z
      .array(
        z.object({
          datastoreType: z.enum(dataStoreTypes),
          type: z.enum(["LocallyRedundant", "ZoneRedundant", "GeoRedundant"]),
        }),
      )
      .max(3)
      .default([{ datastoreType: "VaultStore", type: "LocallyRedundant" }]),
    ...settingsShape,
  }),
});

/** `PatchResourceRequestInput`: every section that is there replaces its own, nothing else. */
export const vaultPatchSchema = z.object({
  tags: tagsSchema.exactOptional(),
  identity: identitySchema.exactOptional(),
  properties: z.object(settingsShape).exactOptional(),
});

export type VaultWire = z.output<typeof vaultResourceSchema>;
export type VaultPatchWire = z.output<typeof vaultPatchSchema>;

/** What the platform knows and no request says. */
export interface VaultContext {
  readonly ref: VaultRef;
  readonly at: string;
  readonly by: string;
  readonly principalId?: string;
  readonly tenantId?: string;
}

/** The vault that a PUT describes; sections not sent are not set. */
export const parseVault = (wire: VaultWire, context: VaultContext): Vault => ({
  ...context.ref,
  location: wire.location,
  ...(wire.tags === undefined ? {} : { tags: wire.tags }),
  ...(wire.identity === undefined ? {} : { identity: readIdentity(wire.identity, context) }),
  storageSettings: wire.properties.storageSettings,
  ...readSettings(wire.properties),
  provisioningState: "Succeeded",
  createdAt: context.at,
  createdBy: context.by,
  lastModifiedAt: context.at,
  lastModifiedBy: context.by,
});

/** Merges a PATCH: a section that was sent replaces its own, others stay. */
export const patchVault = (vault: Vault, wire: VaultPatchWire, context: VaultContext): Vault => ({
  ...vault,
  ...(wire.tags === undefined ? {} : { tags: wire.tags }),
  ...(wire.identity === undefined ? {} : { identity: readIdentity(wire.identity, context) }),
  ...readSettings(wire.properties ?? {}, vault.featureSettings),
  lastModifiedAt: context.at,
  lastModifiedBy: context.by,
});

type SettingsWire = NonNullable<VaultPatchWire["properties"]>;
type Settings = Pick<
  Vault,
  "softDelete" | "immutability" | "encryptionSettings" | "monitoringSettings" | "featureSettings"
>;

function readSettings(wire: SettingsWire, features: JsonObject = {}): Partial<Settings> {
  const { softDeleteSettings, immutabilitySettings, encryptionSettings } =
    wire.securitySettings ?? {};
  return {
    ...(softDeleteSettings === undefined ? {} : { softDelete: softDeleteSettings }),
    ...(immutabilitySettings === undefined ? {} : { immutability: immutabilitySettings }),
    ...(encryptionSettings === undefined ? {} : { encryptionSettings }),
    ...(wire.monitoringSettings === undefined
      ? {}
      : { monitoringSettings: wire.monitoringSettings }),
    ...(wire.featureSettings === undefined
      ? {}
      : { featureSettings: { ...features, ...wire.featureSettings } }),
  };
}

const readIdentity = (
  wire: z.output<typeof identitySchema>,
  { principalId, tenantId }: VaultContext,
): VaultIdentity => ({
  type: wire.type,
  ...(/SystemAssigned/i.test(wire.type) && principalId !== undefined ? { principalId } : {}),
  ...(tenantId === undefined ? {} : { tenantId }),
  ...(wire.userAssignedIdentities === undefined
    ? {}
    : { userAssignedIdentities: wire.userAssignedIdentities }),
});

export interface VaultFacts {
  /** A resource guard proxy guards the vault. */
  readonly guarded: boolean;
}

/** In the service's order; sections that were never set are left out. */
export const presentVault = (vault: Vault, { guarded }: VaultFacts): JsonObject => ({
  location: vault.location,
  ...(vault.tags === undefined ? {} : { tags: vault.tags }),
  ...(vault.identity === undefined ? {} : { identity: { ...vault.identity } }),
  properties: {
    provisioningState: vault.provisioningState,
    storageSettings: vault.storageSettings.map(({ datastoreType, type }) => ({
      datastoreType,
      type,
    })),
    isVaultProtectedByResourceGuard: guarded,
    ...presentSecurity(vault),
    ...(vault.monitoringSettings === undefined
      ? {}
      : { monitoringSettings: vault.monitoringSettings }),
    ...(vault.featureSettings === undefined ? {} : { featureSettings: vault.featureSettings }),
    ...securityLevelsOf(vault, guarded),
    replicatedRegions: replicatedRegionsOf(vault),
  },
  id: vaultResourceId(vault),
  name: vault.vaultName,
  type: "Microsoft.DataProtection/backupVaults",
});

function presentSecurity(vault: Vault): JsonObject {
  const securitySettings = {
    ...(vault.softDelete === undefined ? {} : { softDeleteSettings: { ...vault.softDelete } }),
    ...(vault.immutability === undefined
      ? {}
      : { immutabilitySettings: { ...vault.immutability } }),
    ...(vault.encryptionSettings === undefined
      ? {}
      : { encryptionSettings: vault.encryptionSettings }),
  };
  return Object.keys(securitySettings).length === 0 ? {} : { securitySettings };
}

function replicatedRegionsOf(vault: Vault): readonly string[] {
  const geo = vault.storageSettings.some(({ type }) => type === "GeoRedundant");
  const pair = geo ? pairedRegionOf(vault.location) : undefined;
  return pair === undefined ? [] : [pair];
}
