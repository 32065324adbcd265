import { triggerBackupSchema } from "../../contract/adhoc-backup.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { acceptsBackup } from "../../domain/backup-instance.ts";
import { fault } from "../../domain/fault.ts";
import { accepted, orRefuse, refuse } from "./api/answers.ts";
import { instanceRefOf, loadInstanceAndVault, vaultRefOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";
import { requireIdle } from "./api/running-jobs.ts";

export const postBackup: ApiOperation = {
  id: "BackupInstances_AdhocBackup",
  summary: "Takes a backup on demand.",
  method: "POST",
  path: `${instancePath}/backup`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/backup/action",
  body: { schema: "TriggerBackupRequest", required: true },
  answers: [202],
  async handle(call) {
    const { backupRuleOptions } = orRefuse(parseBody(triggerBackupSchema, call.body));
    const { vault, instance } = await loadInstanceAndVault(call);
    const { protectionState: state, name } = instance.value;
    if (!acceptsBackup(state)) {
      const detail = "no backup can be taken in this state";
      return refuse(fault("UserErrorInstanceNotProtected", { instance: name, state, detail }));
    }
    await requireIdle(call, vault, name);
    const { instanceName } = instanceRefOf(call);
    const operation = await openOperation(call, vault, "Backup", { instanceName });
    const jobId = call.ids.newGuid();
    const input = {
      operationId: operation.id,
      jobId,
      vault: vaultRefOf(call),
      instanceName: name,
      trigger: {
        kind: "adhoc",
        ruleName: backupRuleOptions.ruleName,
        ...backupRuleOptions.triggerOption,
      },
    } as const;
    await startWorkflow(call, operation, "backUp", input, jobId);
    return accepted(call, operation);
  },
};
