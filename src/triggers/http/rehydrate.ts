import { parseBody } from "../../contract/parse-body.ts";
import { parseRehydration, rehydrationRequestSchema } from "../../contract/restore-request.ts";
import { accepted, empty, orRefuse } from "./api/answers.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";
import { loadPoint } from "./api/recovery-points.ts";

export const rehydrate: ApiOperation = {
  id: "BackupInstances_TriggerRehydrate",
  summary: "Brings an archived recovery point back into the vault store for some days.",
  method: "POST",
  path: `${instancePath}/rehydrate`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/rehydrate/action",
  body: { schema: "AzureBackupRehydrationRequest", required: true },
  answers: [202, 204],
  async handle(call) {
    const wire = orRefuse(parseBody(rehydrationRequestSchema, call.body));
    const rehydration = orRefuse(parseRehydration(wire));
    const { vault, instance } = await loadInstanceAndVault(call);
    const point = await loadPoint(call, wire.recoveryPointId);
    // Nothing is archived: nothing to do.
    if (point.stores.some(({ type }) => type === "VaultStore")) return empty(204);
    const { name: instanceName, vault: ref } = instance.value;
    const operation = await openOperation(call, vault, "Rehydrate", { instanceName });
    const jobId = call.ids.newGuid();
    const input = {
      operationId: operation.id,
      jobId,
      vault: ref,
      instanceName,
      recoveryPointId: point.id,
      rehydration,
    };
    await startWorkflow(call, operation, "rehydrate", input, jobId);
    return accepted(call, operation);
  },
};
