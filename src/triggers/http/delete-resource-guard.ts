import { empty } from "./api/answers.ts";
import { guardRefOf } from "./api/load-guard.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { guardPath } from "./api/paths.ts";

export const deleteResourceGuard: ApiOperation = {
  id: "ResourceGuards_Delete",
  summary: "Deletes a resource guard; vaults that it guards stay guarded until it is back.",
  method: "DELETE",
  path: guardPath,
  permission:
    "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/delete",
  answers: [200, 204],
  handle: async (call) => empty((await call.catalog.guards.delete(guardRefOf(call))) ? 200 : 204),
};
