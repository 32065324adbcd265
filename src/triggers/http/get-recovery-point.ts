import { presentRecoveryPoint } from "../../contract/recovery-point.ts";
import { json } from "./api/answers.ts";
import { instanceRefOf, loadInstance } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";
import { loadPoint } from "./api/recovery-points.ts";

export const getRecoveryPoint: ApiOperation = {
  id: "RecoveryPoints_Get",
  summary: "Answers one recovery point with its facts.",
  method: "GET",
  path: `${instancePath}/recoveryPoints/{recoveryPointId}`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read",
  async handle(call) {
    await loadInstance(call);
    const ref = instanceRefOf(call);
    const point = await loadPoint(call, call.param("recoveryPointId"));
    return json(200, presentRecoveryPoint(ref, point, "single"));
  },
};
