import { accepted } from "./api/answers.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";
import { loadPoint } from "./api/recovery-points.ts";

/** pgvault's own: Azure has no such operation. */
export const verifyRecoveryPoint: ApiOperation = {
  id: "RecoveryPoints_Verify",
  summary: "Reads a recovery point back and compares every checksum (pgvault extension).",
  method: "POST",
  path: `${instancePath}/recoveryPoints/{recoveryPointId}/verify`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/verify/action",
  answers: [202],
  async handle(call) {
    const { vault, instance } = await loadInstanceAndVault(call);
    const point = await loadPoint(call, call.param("recoveryPointId"));
    const { name: instanceName, vault: ref } = instance.value;
    const operation = await openOperation(call, vault, "VerifyRecoveryPoint", { instanceName });
    const jobId = call.ids.newGuid();
    const input = {
      operationId: operation.id,
      jobId,
      vault: ref,
      instanceName,
      recoveryPointId: point.id,
    };
    await startWorkflow(call, operation, "verifyRecoveryPoint", input, jobId);
    return accepted(call, operation);
  },
};
