import type { GuardRef, ResourceGuard } from "../../domain/resource-guard.ts";
import { afterPrefix } from "../../domain/table-key.ts";
import { guardPath } from "../../domain/vault-paths.ts";
import type { GuardRecords } from "../../ports/catalog.ts";
import { createDefinitions, type DefinitionStores, listRange } from "./definitions.ts";
import { folded } from "./keys.ts";

/** Guards lie in one partition for each subscription, ordered by resource group and name. */
export function createGuardRecords(stores: DefinitionStores): GuardRecords {
  const definitions = createDefinitions<GuardRef, ResourceGuard>(stores, {
    name: "guard",
    placeOf: (guard) => ({
      partition: subscriptionPartition(guard.subscriptionId),
      row: folded(guard.resourceGroup, guard.guardName),
      path: guardPath(guard),
    }),
    refOf: ({ subscriptionId, resourceGroup, guardName }) => ({
      subscriptionId,
      resourceGroup,
      guardName,
    }),
  });
  return {
    ...definitions,
    list(scope, page) {
      const partition = subscriptionPartition(scope.subscriptionId);
      if (scope.resourceGroup === undefined) return listRange(stores.tables, { partition }, page);
      const group = folded(scope.resourceGroup);
      const range = { partition, from: `${group}|`, to: afterPrefix(group) };
      return listRange(stores.tables, range, page);
    },
  };
}

const subscriptionPartition = (subscriptionId: string): string => folded("guards", subscriptionId);
