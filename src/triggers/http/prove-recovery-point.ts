import { parseBody } from "../../contract/parse-body.ts";
import { proveRequestSchema, readProofServer } from "../../contract/prove-request.ts";
import { accepted, orRefuse } from "./api/answers.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";
import { loadPoint } from "./api/recovery-points.ts";

/** pgvault's own: Azure has no such operation. */
export const proveRecoveryPoint: ApiOperation = {
  id: "RecoveryPoints_Prove",
  summary:
    "Restores a recovery point into a scratch database, counts every table, drops it, keeps the evidence (pgvault extension).",
  method: "POST",
  path: `${instancePath}/recoveryPoints/{recoveryPointId}/prove`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/restore/action",
  body: { schema: "ProveRecoveryPointRequest", required: false },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(proveRequestSchema, call.body ?? {}));
    const { vault, instance } = await loadInstanceAndVault(call);
    const point = await loadPoint(call, call.param("recoveryPointId"));
    const { name: instanceName, vault: ref, datasource, credentials } = instance.value;
    const operation = await openOperation(call, vault, "ProveRecoveryPoint", { instanceName });
    const jobId = call.ids.newGuid();
    const input = {
      operationId: operation.id,
      jobId,
      vault: ref,
      instanceName,
      recoveryPointId: point.id,
      server: readProofServer(wire) ?? { resourceId: datasource.resourceId, credentials },
      checksums: wire.checksums,
    };
    await startWorkflow(call, operation, "proveRecoveryPoint", input, jobId);
    return accepted(call, operation);
  },
};
