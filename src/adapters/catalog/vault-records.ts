import type { VaultRef } from "../../domain/resource-id.ts";
import type { Vault } from "../../domain/vault.ts";
import { vaultPath } from "../../domain/vault-paths.ts";
import type { VaultRecords } from "../../ports/catalog.ts";
import { createDefinitions, type DefinitionStores, listRange } from "./definitions.ts";
import { folded, groupRange, vaultRefOf } from "./keys.ts";

/** Vaults lie in one partition for each subscription, ordered by resource group and name. */
export function createVaultRecords(stores: DefinitionStores): VaultRecords {
  const definitions = createDefinitions<VaultRef, Vault>(stores, {
    name: "vault",
    placeOf: (vault) => ({
      partition: subscriptionPartition(vault.subscriptionId),
      row: folded(vault.resourceGroup, vault.vaultName),
      path: vaultPath(vault),
    }),
    refOf: vaultRefOf,
  });
  return {
    ...definitions,
    list(scope, page) {
      const partition = subscriptionPartition(scope.subscriptionId);
      return listRange(stores.tables, groupRange(partition, scope.resourceGroup), page);
    },
  };
}

const subscriptionPartition = (subscriptionId: string): string => folded("vaults", subscriptionId);
