import { fault } from "../../../domain/fault.ts";
import type { ResourceGuardProxy } from "../../../domain/resource-guard.ts";
import { type GuardRef, parseGuardId, type ResourceGuard } from "../../../domain/resource-guard.ts";
import type { Vault } from "../../../domain/vault.ts";
import type { Versioned } from "../../../ports/catalog.ts";
import { refuse } from "./answers.ts";
import { notFound } from "./load.ts";
import type { ApiCall } from "./operation-record.ts";

export const guardRefOf = (call: ApiCall): GuardRef => ({
  subscriptionId: call.param("subscriptionId"),
  resourceGroup: call.param("resourceGroup"),
  guardName: call.param("guardName"),
});

export async function loadGuard(call: ApiCall): Promise<Versioned<ResourceGuard>> {
  return (await call.catalog.guards.get(guardRefOf(call))) ?? refuse(notFound(call.links.path));
}

/** The guard behind a proxy, if it still exists. */
export async function guardOf(
  call: ApiCall,
  proxy: ResourceGuardProxy,
): Promise<ResourceGuard | undefined> {
  const ref = parseGuardId(proxy.guardId);
  return ref === undefined ? undefined : (await call.catalog.guards.get(ref))?.value;
}

export const proxyIn = (vault: Vault, name: string): ResourceGuardProxy | undefined =>
  vault.guardProxies?.find((proxy) => proxy.name.toLowerCase() === name.toLowerCase());

/** Writes the vault with other proxies, if nobody changed it meanwhile. */
export async function saveProxies(
  call: ApiCall,
  vault: Versioned<Vault>,
  guardProxies: readonly ResourceGuardProxy[],
): Promise<void> {
  const saved = await call.catalog.vaults.replace({ ...vault.value, guardProxies }, vault.etag);
  if (saved === undefined) refuse(fault("Conflict", { resource: vault.value.vaultName }));
}
