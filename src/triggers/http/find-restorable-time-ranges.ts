import { parseBody } from "../../contract/parse-body.ts";
import { restorableTimeRangesSchema } from "../../contract/protection-actions.ts";
import { json, orRefuse } from "./api/answers.ts";
import { loadInstance } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const findRestorableTimeRanges: ApiOperation = {
  id: "RestorableTimeRanges_Find",
  summary: "Answers the ranges of point-in-time restore; PostgreSQL has none.",
  method: "POST",
  path: `${instancePath}/findRestorableTimeRanges`,
  permission:
    "Microsoft.DataProtection/backupVaults/backupInstances/findRestorableTimeRanges/action",
  body: { schema: "AzureBackupFindRestorableTimeRangesRequest", required: true },
  async handle(call) {
    orRefuse(parseBody(restorableTimeRangesSchema, call.body));
    const { value: instance } = await loadInstance(call);
    return json(200, {
      type: "Microsoft.DataProtection/backupVaults/backupInstances/findRestorableTimeRanges",
      id: instance.name,
      properties: {
        objectType: "AzureBackupFindRestorableTimeRangesResponse",
        // Logical backups are discrete points; there is no log to roll forward.
        restorableTimeRanges: [],
      },
    });
  },
};
