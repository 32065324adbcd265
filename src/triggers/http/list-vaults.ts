import { presentVault } from "../../contract/vault.ts";
import { list } from "./api/answers.ts";
import { pageOf } from "./api/load.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { groupPath, providerPath, subscriptionPath } from "./api/paths.ts";
import { vaultFacts } from "./api/vault-facts.ts";

export const listVaultsInGroup: ApiOperation = {
  id: "BackupVaults_GetInResourceGroup",
  summary: "Lists the backup vaults of a resource group.",
  method: "GET",
  path: `${groupPath}${providerPath}/backupVaults`,
  permission: "Microsoft.DataProtection/backupVaults/read",
  handle: (call) => listVaults(call, { resourceGroup: call.param("resourceGroup") }),
};

export const listVaultsInSubscription: ApiOperation = {
  id: "BackupVaults_GetInSubscription",
  summary: "Lists the backup vaults of a subscription.",
  method: "GET",
  path: `${subscriptionPath}${providerPath}/backupVaults`,
  permission: "Microsoft.DataProtection/backupVaults/read",
  handle: (call) => listVaults(call, {}),
};

async function listVaults(call: ApiCall, narrowing: { resourceGroup?: string }) {
  const scope = { subscriptionId: call.param("subscriptionId"), ...narrowing };
  const page = await call.catalog.vaults.list(scope, pageOf(call));
  return list(call, page, (vault) => presentVault(vault, vaultFacts(vault)));
}
