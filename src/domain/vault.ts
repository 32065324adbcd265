import type { JsonObject } from "./json.ts";
import type { ResourceGuardProxy } from "./resource-guard.ts";
import type { VaultRef } from "./resource-id.ts";

export type RedundancyType = "LocallyRedundant" | "ZoneRedundant" | "GeoRedundant";
export type DataStoreType = "OperationalStore" | "VaultStore" | "ArchiveStore";

/** A backup vault's definition. Sections never set are absent, as ARM answers them. */
export interface Vault extends VaultRef {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly identity?: VaultIdentity;
  readonly storageSettings: readonly {
    readonly datastoreType: DataStoreType;
    readonly type: RedundancyType;
  }[];
  readonly softDelete?: { readonly state: string; readonly retentionDurationInDays: number };
  readonly immutability?: { readonly state: "Disabled" | "Unlocked" | "Locked" };
  readonly encryptionSettings?: JsonObject;
  readonly monitoringSettings?: JsonObject;
  readonly featureSettings?: JsonObject;
  /** Resource guards whose approval critical operations need. */
  readonly guardProxies?: readonly ResourceGuardProxy[];
  readonly provisioningState: "Provisioning" | "Succeeded" | "Failed" | "Updating";
  /** ISO instants and principal, for systemData. */
  readonly createdAt: string;
  readonly createdBy: string;
  readonly lastModifiedAt: string;
  readonly lastModifiedBy: string;
}

export interface VaultIdentity {
  readonly type: string;
  readonly principalId?: string;
  readonly tenantId?: string;
  readonly userAssignedIdentities?: JsonObject;
}

/** A backup policy: its ARM `properties`, canonical, and who it belongs to. */
export interface PolicyResource {
  readonly vault: VaultRef;
  readonly name: string;
  /** Canonical `BackupPolicy` properties; src/domain/policy parses them. */
  readonly properties: JsonObject;
  readonly modifiedAt: string;
}
