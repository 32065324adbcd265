import { presentGuardRequest } from "../../contract/resource-guard.ts";
import { criticalOperations, type ResourceGuard } from "../../domain/resource-guard.ts";
import { json, list, refuse } from "./api/answers.ts";
import { notFound } from "./api/load.ts";
import { loadGuard } from "./api/load-guard.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { guardPath } from "./api/paths.ts";

const permission =
  "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/read";

export const listResourceGuardRequests: ApiOperation = {
  id: "ResourceGuards_GetRequestsObjects",
  summary: "Lists the requests of one kind that approved operations name.",
  method: "GET",
  path: `${guardPath}/{guardRequestKind}`,
  permission,
  async handle(call) {
    const { guard, kind } = await loadKind(call);
    return list(call, { items: [kind] }, (name) => presentGuardRequest(guard, name));
  },
};

export const getResourceGuardRequest: ApiOperation = {
  id: "ResourceGuards_GetDefaultRequestsObject",
  summary: "Answers the default request of one kind.",
  method: "GET",
  path: `${guardPath}/{guardRequestKind}/{requestName}`,
  permission,
  async handle(call) {
    const { guard, kind } = await loadKind(call);
    return call.param("requestName").toLowerCase() === "default"
      ? json(200, presentGuardRequest(guard, kind))
      : refuse(notFound(call.links.path));
  },
};

async function loadKind(call: ApiCall): Promise<{ guard: ResourceGuard; kind: string }> {
  const { value: guard } = await loadGuard(call);
  const asked = call.param("guardRequestKind").toLowerCase();
  const known = Object.values(criticalOperations).find(
    ({ requests }) => requests.toLowerCase() === asked,
  );
  return known === undefined ? refuse(notFound(call.links.path)) : { guard, kind: known.requests };
}
