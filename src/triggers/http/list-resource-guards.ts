import { presentGuard } from "../../contract/resource-guard.ts";
import { list } from "./api/answers.ts";
import { pageOf } from "./api/load.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { groupPath, providerPath, subscriptionPath } from "./api/paths.ts";

const permission =
  "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/read";

export const listResourceGuardsInGroup: ApiOperation = {
  id: "ResourceGuards_GetResourcesInResourceGroup",
  summary: "Lists the resource guards of a resource group.",
  method: "GET",
  path: `${groupPath}${providerPath}/resourceGuards`,
  permission,
  handle: (call) => listGuards(call, { resourceGroup: call.param("resourceGroup") }),
};

export const listResourceGuardsInSubscription: ApiOperation = {
  id: "ResourceGuards_GetResourcesInSubscription",
  summary: "Lists the resource guards of a subscription.",
  method: "GET",
  path: `${subscriptionPath}${providerPath}/resourceGuards`,
  permission,
  handle: (call) => listGuards(call, {}),
};

async function listGuards(call: ApiCall, narrowing: { resourceGroup?: string }) {
  const scope = { subscriptionId: call.param("subscriptionId"), ...narrowing };
  return list(call, await call.catalog.guards.list(scope, pageOf(call)), presentGuard);
}
