import { parseBody } from "../../contract/parse-body.ts";
import { guardProxySchema, presentProxy } from "../../contract/resource-guard.ts";
import { fault } from "../../domain/fault.ts";
import { formatRecordInstant } from "../../domain/instant.ts";
import { type ResourceGuardProxy } from "../../domain/resource-guard.ts";
import { sameResourceId } from "../../domain/resource-id.ts";
import type { Vault } from "../../domain/vault.ts";
import { empty, json, orRefuse, refuse } from "./api/answers.ts";
import { guardOperation } from "./api/guard.ts";
import { loadVault, notFound, vaultRefOf } from "./api/load.ts";
import { guardOf, proxyIn, saveProxies } from "./api/load-guard.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { proxiesPath, proxyPath } from "./api/paths.ts";

const actions = "Microsoft.DataProtection/backupVaults/backupResourceGuardProxies";
/** Azure allows one; a few allow a hand-over between guards. */
const maxProxies = 3;

export const putGuardProxy: ApiOperation = {
  id: "DppResourceGuardProxy_CreateOrUpdate",
  summary: "Puts a vault under a resource guard.",
  method: "PUT",
  path: proxyPath,
  permission: `${actions}/write`,
  body: { schema: "ResourceGuardProxyBaseResource", required: true },
  async handle(call) {
    const { properties } = orRefuse(parseBody(guardProxySchema, call.body));
    const found = await loadVault(call);
    const current = proxyIn(found.value, call.param("proxyName"));
    const { description } = properties;
    const proxy: ResourceGuardProxy = {
      name: current?.name ?? call.param("proxyName"),
      guardId: properties.resourceGuardResourceId,
      ...(description === undefined ? {} : { description }),
      updatedAt: formatRecordInstant(call.clock.now()),
      unlocks: [],
    };
    const guard = await guardOf(call, proxy);
    if (guard === undefined) return refuse(notFound(proxy.guardId));
    // To point a proxy elsewhere is to take the vault from under its guard.
    if (current !== undefined && !sameResourceId(current.guardId, proxy.guardId)) {
      await guardRemoval(call, found.value);
    }
    const others = without(found.value, proxy.name);
    if (others.length >= maxProxies) {
      const detail = `a vault has at most ${maxProxies} resource guard proxies`;
      return refuse(fault("BMSUserErrorInvalidInput", { detail }));
    }
    await saveProxies(call, found, [...others, proxy]);
    return json(200, presentProxy(found.value, proxy, guard));
  },
};

export const getGuardProxy: ApiOperation = {
  id: "DppResourceGuardProxy_Get",
  summary: "Answers a resource guard proxy of a vault.",
  method: "GET",
  path: proxyPath,
  permission: `${actions}/read`,
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const proxy = proxyIn(vault, call.param("proxyName"));
    return proxy === undefined
      ? refuse(notFound(call.links.path))
      : json(200, presentProxy(vault, proxy, await guardOf(call, proxy)));
  },
};

export const listGuardProxies: ApiOperation = {
  id: "DppResourceGuardProxy_List",
  summary: "Lists the resource guard proxies of a vault.",
  method: "GET",
  path: proxiesPath,
  permission: `${actions}/read`,
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const value = [];
    for (const proxy of vault.guardProxies ?? []) {
      value.push(presentProxy(vault, proxy, await guardOf(call, proxy)));
    }
    return json(200, { value });
  },
};

export const deleteGuardProxy: ApiOperation = {
  id: "DppResourceGuardProxy_Delete",
  summary: "Takes a vault from under its resource guard; a critical operation itself.",
  method: "DELETE",
  path: proxyPath,
  permission: `${actions}/delete`,
  answers: [200, 204],
  async handle(call) {
    const found = await call.catalog.vaults.get(vaultRefOf(call));
    const proxy = found === undefined ? undefined : proxyIn(found.value, call.param("proxyName"));
    if (found === undefined || proxy === undefined) return empty(204);
    await guardRemoval(call, found.value);
    await saveProxies(call, found, without(found.value, proxy.name));
    return empty(200);
  },
};

const guardRemoval = (call: ApiCall, vault: Vault): Promise<void> =>
  guardOperation(call, vault, {
    operation: "deleteProxy",
    resourceId: decodeURIComponent(call.links.path),
    requests: [],
  });

const without = (vault: Vault, name: string): readonly ResourceGuardProxy[] =>
  (vault.guardProxies ?? []).filter((proxy) => proxy.name.toLowerCase() !== name.toLowerCase());
