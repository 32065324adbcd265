import { parseBody } from "../../contract/parse-body.ts";
import { syncSchema } from "../../contract/protection-actions.ts";
import { accepted, orRefuse } from "./api/answers.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";

export const syncInstance: ApiOperation = {
  id: "BackupInstances_SyncBackupInstance",
  summary: "Repeats what failed last and brings schedule and index in line.",
  method: "POST",
  path: `${instancePath}/sync`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/sync/action",
  body: { schema: "SyncBackupInstanceRequest", required: false },
  answers: [202],
  async handle(call) {
    orRefuse(parseBody(syncSchema, call.body ?? {}));
    const { vault, instance } = await loadInstanceAndVault(call);
    const { name: instanceName, protectionState, vault: ref } = instance.value;
    const operation = await openOperation(call, vault, "SyncInstance", { instanceName });
    const failedBefore = protectionState === "ConfiguringProtectionFailed";
    await startWorkflow(call, operation, failedBefore ? "configureProtection" : "replanInstance", {
      operationId: operation.id,
      vault: ref,
      instanceName,
    });
    return accepted(call, operation);
  },
};
