import { json } from "./api/answers.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { providerPath } from "./api/paths.ts";

export const listProviderOperations: ApiOperation = {
  id: "DataProtectionOperations_List",
  summary: "Lists the actions that roles may hold.",
  method: "GET",
  path: `${providerPath}/operations`,
  permission: "Microsoft.DataProtection/operations/read",
  scope: "any",
  handle: (call) =>
    Promise.resolve(
      json(200, {
        value: call.operations.map((operation) => ({
          name: operation.permission,
          isDataAction: false,
          display: {
            provider: "Microsoft.DataProtection",
            resource: operation.path.split("/").findLast((part) => !part.startsWith("{")) ?? "",
            operation: operation.id,
            description: operation.summary,
          },
          origin: "user",
        })),
      }),
    ),
};
