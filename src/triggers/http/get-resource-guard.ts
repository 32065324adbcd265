import { presentGuard } from "../../contract/resource-guard.ts";
import { json } from "./api/answers.ts";
import { loadGuard } from "./api/load-guard.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { guardPath } from "./api/paths.ts";

export const getResourceGuard: ApiOperation = {
  id: "ResourceGuards_Get",
  summary: "Answers one resource guard with the operations that it guards.",
  method: "GET",
  path: guardPath,
  permission: "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/read",
  async handle(call) {
    const { value } = await loadGuard(call);
    return json(200, presentGuard(value));
  },
};
