import { parseBody } from "../../contract/parse-body.ts";
import { restoreRequestSchema } from "../../contract/restore-request.ts";
import { accepted, orRefuse } from "./api/answers.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";
import { readRestoreSpec } from "./api/restore-spec.ts";
import { requireIdle } from "./api/running-jobs.ts";

export const postRestore: ApiOperation = {
  id: "BackupInstances_TriggerRestore",
  summary: "Restores a recovery point as a new database or as files.",
  method: "POST",
  path: `${instancePath}/restore`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/restore/action",
  body: { schema: "AzureBackupRestoreRequest", required: true },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(restoreRequestSchema, call.body));
    const { vault, instance } = await loadInstanceAndVault(call);
    const spec = await readRestoreSpec(call, vault, wire);
    const { name: instanceName, vault: ref } = instance.value;
    await requireIdle(call, vault, instanceName);
    const operation = await openOperation(call, vault, "Restore", { instanceName });
    const jobId = call.ids.newGuid();
    const input = { operationId: operation.id, jobId, vault: ref, instanceName, spec };
    await startWorkflow(call, operation, "restore", input, jobId);
    return accepted(call, operation);
  },
};
