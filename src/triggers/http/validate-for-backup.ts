import { parseBackupInstance, validateForBackupSchema } from "../../contract/backup-instance.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { formatRecordInstant } from "../../domain/instant.ts";
import { accepted, orRefuse } from "./api/answers.ts";
import { loadVault, vaultRefOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { vaultPath } from "./api/paths.ts";

/** The draft has no name of its own; this one marks it in findings. */
const draftName = "validate-for-backup";

export const validateForBackup: ApiOperation = {
  id: "BackupInstances_ValidateForBackup",
  summary: "Checks that a database could be backed up as described.",
  method: "POST",
  path: `${vaultPath}/validateForBackup`,
  permission: "Microsoft.DataProtection/backupVaults/validateForBackup/action",
  body: { schema: "ValidateForBackupRequest", required: true },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(validateForBackupSchema, call.body));
    const { value: vault } = await loadVault(call);
    const ref = { ...vaultRefOf(call), instanceName: draftName };
    const createdAt = formatRecordInstant(call.clock.now());
    const instance = orRefuse(parseBackupInstance(wire.backupInstance, { ref, createdAt }));
    const operation = await openOperation(call, vault, "ValidateForBackup");
    await startWorkflow(call, operation, "validateForBackup", {
      operationId: operation.id,
      instance,
    });
    return accepted(call, operation);
  },
};
