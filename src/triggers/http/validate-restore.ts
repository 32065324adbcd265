import { parseBody } from "../../contract/parse-body.ts";
import { validateRestoreSchema } from "../../contract/restore-request.ts";
import { accepted, orRefuse } from "./api/answers.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";
import { readRestoreSpec } from "./api/restore-spec.ts";

export const validateRestore: ApiOperation = {
  id: "BackupInstances_ValidateForRestore",
  summary: "Checks that a restore request could be carried out.",
  method: "POST",
  path: `${instancePath}/validateRestore`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/validateRestore/action",
  body: { schema: "ValidateRestoreRequestObject", required: true },
  answers: [202],
  async handle(call) {
    const { restoreRequestObject } = orRefuse(parseBody(validateRestoreSchema, call.body));
    const { vault, instance } = await loadInstanceAndVault(call);
    const spec = await readRestoreSpec(call, vault, restoreRequestObject);
    const { name: instanceName, vault: ref } = instance.value;
    const operation = await openOperation(call, vault, "ValidateRestore", { instanceName });
    await startWorkflow(call, operation, "validateRestore", {
      operationId: operation.id,
      vault: ref,
      instanceName,
      spec,
    });
    return accepted(call, operation);
  },
};
