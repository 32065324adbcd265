import { presentRecoveryPoint } from "../../contract/recovery-point.ts";
import { json, refuse } from "./api/answers.ts";
import { instanceRefOf, loadInstance, notFound } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const getRecoveryPoint: ApiOperation = {
  id: "RecoveryPoints_Get",
  summary: "Answers one recovery point with its facts.",
  method: "GET",
  path: `${instancePath}/recoveryPoints/{recoveryPointId}`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read",
  async handle(call) {
    await loadInstance(call);
    const ref = instanceRefOf(call);
    const id = call.param("recoveryPointId").replaceAll("-", "").toLowerCase();
    const found = await call.catalog.recoveryPoints.get(ref, id);
    return found === undefined
      ? refuse(notFound(call.links.path))
      : json(200, presentRecoveryPoint(ref, found.value, "single"));
  },
};
