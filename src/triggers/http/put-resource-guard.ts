import { parseBody } from "../../contract/parse-body.ts";
import { guardResourceSchema, parseGuard, presentGuard } from "../../contract/resource-guard.ts";
import { fault } from "../../domain/fault.ts";
import { json, orRefuse, refuse } from "./api/answers.ts";
import { guardRefOf } from "./api/load-guard.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { guardPath } from "./api/paths.ts";

export const putResourceGuard: ApiOperation = {
  id: "ResourceGuards_Put",
  summary: "Creates or replaces a resource guard.",
  method: "PUT",
  path: guardPath,
  permission:
    "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/write",
  body: { schema: "ResourceGuardResource", required: true },
  answers: [200, 201],
  async handle(call) {
    const guard = parseGuard(orRefuse(parseBody(guardResourceSchema, call.body)), guardRefOf(call));
    const current = await call.catalog.guards.get(guard);
    const saved =
      current === undefined
        ? await call.catalog.guards.create(guard)
        : await call.catalog.guards.replace(guard, current.etag);
    return saved === undefined
      ? refuse(fault("Conflict", { resource: guard.guardName }))
      : json(current === undefined ? 201 : 200, presentGuard(saved.value));
  },
};
