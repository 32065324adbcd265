import type { BackupInstance } from "../../../domain/backup-instance.ts";
import { fault } from "../../../domain/fault.ts";
import {
  type InstanceRef,
  instanceResourceId,
  type VaultRef,
} from "../../../domain/resource-id.ts";
import type { PolicyResource, Vault } from "../../../domain/vault.ts";
import type { PageRequest, Versioned } from "../../../ports/catalog.ts";
import { refuse } from "./answers.ts";
import type { ApiCall } from "./operation-record.ts";

export const vaultRefOf = (call: Pick<ApiCall, "param">): VaultRef => ({
  subscriptionId: call.param("subscriptionId"),
  resourceGroup: call.param("resourceGroup"),
  vaultName: call.param("vaultName"),
});

export const instanceRefOf = (call: Pick<ApiCall, "param">): InstanceRef => ({
  ...vaultRefOf(call),
  instanceName: call.param("instanceName"),
});

/** The vault in the path, or 404 as ARM's front end answers. */
export async function loadVault(call: ApiCall): Promise<Versioned<Vault>> {
  const ref = vaultRefOf(call);
  const resource = `Microsoft.DataProtection/backupVaults/${ref.vaultName}' under resource group '${ref.resourceGroup}`;
  return (await call.catalog.vaults.get(ref)) ?? refuse(fault("ResourceNotFound", { resource }));
}

/** The instance in the path, unless it is absent or soft-deleted. */
export async function loadInstance(call: ApiCall): Promise<Versioned<BackupInstance>> {
  const ref = instanceRefOf(call);
  const found = await call.catalog.instances.get(ref);
  return found === undefined || found.value.deletion !== undefined
    ? refuse(notFound(instanceResourceId(ref)))
    : found;
}

/** A soft-deleted instance; 404 for one that lives. */
export async function loadDeletedInstance(call: ApiCall): Promise<Versioned<BackupInstance>> {
  const found = await call.catalog.instances.get(instanceRefOf(call));
  return found?.value.deletion === undefined ? refuse(notFound(call.links.path)) : found;
}

export async function loadPolicy(call: ApiCall): Promise<Versioned<PolicyResource>> {
  const ref = { ...vaultRefOf(call), policyName: call.param("policyName") };
  return (await call.catalog.policies.get(ref)) ?? refuse(notFound(call.links.path));
}

/** The instance and its vault, which knows the location that operations are answered under. */
export async function loadInstanceAndVault(
  call: ApiCall,
): Promise<{ vault: Vault; instance: Versioned<BackupInstance> }> {
  const [vault, instance] = await Promise.all([loadVault(call), loadInstance(call)]);
  return { vault: vault.value, instance };
}

export const notFound = (resource: string) =>
  fault("UserErrorGenericResourceNotFound", { resource });

const maxSkipTokenLength = 4096;

/** Page of a list as the request asks: `$skipToken` of the page before. */
export function pageOf(call: ApiCall): PageRequest {
  const continuation = call.query("$skiptoken");
  if (continuation === undefined || continuation === "") return { limit: call.settings.pageSize };
  return continuation.length <= maxSkipTokenLength
    ? { limit: call.settings.pageSize, continuation }
    : refuse(
        fault("BMSUserErrorInvalidInput", { detail: "$skipToken is not one of this API's own" }),
      );
}
