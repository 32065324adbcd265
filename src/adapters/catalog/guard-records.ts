import type { GuardRef, ResourceGuard } from "../../domain/resource-guard.ts";
import { guardPath } from "../../domain/vault-paths.ts";
import type { GuardRecords } from "../../ports/catalog.ts";
import { createDefinitions, type DefinitionStores, listRange } from "./definitions.ts";
import { folded, groupRange } from "./keys.ts";

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
      return listRange(stores.tables, groupRange(partition, scope.resourceGroup), page);
    },
  };
}

const subscriptionPartition = (subscriptionId: string): string => folded("guards", subscriptionId);
