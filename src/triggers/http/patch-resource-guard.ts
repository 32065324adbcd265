import { parseBody } from "../../contract/parse-body.ts";
import { guardPatchSchema, presentGuard } from "../../contract/resource-guard.ts";
import { fault } from "../../domain/fault.ts";
import { json, orRefuse, refuse } from "./api/answers.ts";
import { loadGuard } from "./api/load-guard.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { guardPath } from "./api/paths.ts";

export const patchResourceGuard: ApiOperation = {
  id: "ResourceGuards_Patch",
  summary: "Changes the tags of a resource guard.",
  method: "PATCH",
  path: guardPath,
  permission:
    "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards/write",
  body: { schema: "PatchResourceGuardInput", required: true },
  async handle(call) {
    const { tags } = orRefuse(parseBody(guardPatchSchema, call.body));
    const { value, etag } = await loadGuard(call);
    const next = tags === undefined ? value : { ...value, tags };
    const saved = await call.catalog.guards.replace(next, etag);
    return saved === undefined
      ? refuse(fault("Conflict", { resource: value.guardName }))
      : json(200, presentGuard(saved.value));
  },
};
