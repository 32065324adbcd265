import { featureRequestSchema, presentFeatureSupport } from "../../contract/availability.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { json, orRefuse } from "./api/answers.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { subscriptionLocationPath } from "./api/paths.ts";

export const checkFeatureSupport: ApiOperation = {
  id: "DataProtection_CheckFeatureSupport",
  summary: "Tells which datasource types are protected.",
  method: "POST",
  path: `${subscriptionLocationPath}/checkFeatureSupport`,
  permission: "Microsoft.DataProtection/locations/checkFeatureSupport/action",
  body: { schema: "FeatureValidationRequest", required: true },
  handle: async (call) =>
    json(200, presentFeatureSupport(orRefuse(parseBody(featureRequestSchema, call.body)))),
};
