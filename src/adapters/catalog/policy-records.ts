import type { VaultRef } from "../../domain/resource-id.ts";
import { afterPrefix } from "../../domain/table-key.ts";
import type { PolicyResource } from "../../domain/vault.ts";
import { policyPath } from "../../domain/vault-paths.ts";
import type { PolicyRecords } from "../../ports/catalog.ts";
import { createDefinitions, type DefinitionStores, listRange } from "./definitions.ts";
import { folded, vaultPartition } from "./keys.ts";

/** Policies lie in their vault's partition, rows `policy|<name>`. */
export function createPolicyRecords(stores: DefinitionStores): PolicyRecords {
  const definitions = createDefinitions<VaultRef & { policyName: string }, PolicyResource>(stores, {
    name: "policy",
    placeOf: (policy) => ({
      partition: vaultPartition(policy),
      row: folded("policy", policy.policyName),
      path: policyPath(policy, policy.policyName),
    }),
    refOf: (policy) => ({ ...policy.vault, policyName: policy.name }),
  });
  return {
    ...definitions,
    list: (vault, page) =>
      listRange(
        stores.tables,
        { partition: vaultPartition(vault), from: "policy|", to: afterPrefix("policy") },
        page,
      ),
  };
}
