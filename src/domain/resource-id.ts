import type { JsonObject } from "./json.ts";

/**
 * ARM resource ids. Compared without regard to case, echoed in the caller's casing
 * (shared/reference/arm-contract.md §1.2).
 */
export interface VaultRef {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly vaultName: string;
}

export interface InstanceRef extends VaultRef {
  readonly instanceName: string;
}

/** Reads back a reference that was stored as JSON, such as the payload of a due row. */
export function parseInstanceRef(value: JsonObject): InstanceRef {
  const text = (name: keyof InstanceRef): string => {
    const part = value[name];
    if (typeof part !== "string") throw new Error(`Stored instance reference lacks ${name}`);
    return part;
  };
  return {
    subscriptionId: text("subscriptionId"),
    resourceGroup: text("resourceGroup"),
    vaultName: text("vaultName"),
    instanceName: text("instanceName"),
  };
}

const provider = "Microsoft.DataProtection";

export const vaultResourceId = (vault: VaultRef): string =>
  `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/providers/${provider}/backupVaults/${vault.vaultName}`;

export const instanceResourceId = (instance: InstanceRef): string =>
  `${vaultResourceId(instance)}/backupInstances/${instance.instanceName}`;

export const policyResourceId = (vault: VaultRef, policyName: string): string =>
  `${vaultResourceId(vault)}/backupPolicies/${policyName}`;

export const jobResourceId = (vault: VaultRef, jobId: string): string =>
  `${vaultResourceId(vault)}/backupJobs/${jobId}`;

/** Key of a vault in tables and blob paths: lower-case, parts joined by `separator`. */
export const vaultKey = (vault: VaultRef, separator = "|"): string =>
  [vault.subscriptionId, vault.resourceGroup, vault.vaultName].join(separator).toLowerCase();

/** Key of a backup instance, unique over all vaults. */
export const instanceKey = (instance: InstanceRef, separator = "|"): string =>
  `${vaultKey(instance, separator)}${separator}${instance.instanceName.toLowerCase()}`;

export const sameResourceId = (a: string, b: string): boolean =>
  normaliseResourceId(a) === normaliseResourceId(b);

/** Lower-case, without trailing slash. */
export const normaliseResourceId = (id: string): string => id.toLowerCase().replace(/\/+$/, "");

export interface ParsedResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** Namespace and types, such as `Microsoft.DBforPostgreSQL/servers/databases`. */
  readonly type: string;
  /** Names in the order of the types. */
  readonly names: readonly string[];
}

const idPattern =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)((?:\/[^/]+\/[^/]+)+)\/?$/i;

/** Splits `/subscriptions/…/resourceGroups/…/providers/…`; undefined when it is not of that form. */
export function parseResourceId(id: string): ParsedResourceId | undefined {
  const match = idPattern.exec(id);
  if (match === null) return undefined;
  const [, subscriptionId = "", resourceGroup = "", namespace = "", rest = ""] = match;
  const segments = rest.split("/").slice(1);
  const types = segments.filter((_, index) => index % 2 === 0);
  const names = segments.filter((_, index) => index % 2 === 1);
  return { subscriptionId, resourceGroup, type: [namespace, ...types].join("/"), names };
}
