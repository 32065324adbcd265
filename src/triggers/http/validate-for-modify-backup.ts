import { parseBackupInstance, validateForBackupSchema } from "../../contract/backup-instance.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { accepted, orRefuse } from "./api/answers.ts";
import { instanceRefOf, loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";

export const validateForModifyBackup: ApiOperation = {
  id: "BackupInstances_ValidateForModifyBackup",
  summary: "Checks that a backup instance could be changed as described.",
  method: "POST",
  path: `${instancePath}/validateForModifyBackup`,
  permission:
    "Microsoft.DataProtection/backupVaults/backupInstances/validateForModifyBackup/action",
  body: { schema: "ValidateForBackupRequest", required: true },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(validateForBackupSchema, call.body));
    const { vault, instance: current } = await loadInstanceAndVault(call);
    const { createdAt, name: instanceName } = current.value;
    const ref = instanceRefOf(call);
    const instance = orRefuse(parseBackupInstance(wire.backupInstance, { ref, createdAt }));
    const operation = await openOperation(call, vault, "ValidateForModify", { instanceName });
    await startWorkflow(call, operation, "validateForBackup", {
      operationId: operation.id,
      instance,
    });
    return accepted(call, operation);
  },
};
