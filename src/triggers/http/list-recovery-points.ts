import { presentRecoveryPoint } from "../../contract/recovery-point.ts";
import { parseRecoveryPointFilter } from "../../contract/recovery-point-filter.ts";
import { list, orRefuse } from "./api/answers.ts";
import { instanceRefOf, loadInstance, pageOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const listRecoveryPoints: ApiOperation = {
  id: "RecoveryPoints_List",
  summary: "Lists the recovery points of a backup instance, newest first.",
  method: "GET",
  path: `${instancePath}/recoveryPoints`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read",
  async handle(call) {
    const filter = orRefuse(parseRecoveryPointFilter(call.query("$filter")));
    await loadInstance(call);
    const ref = instanceRefOf(call);
    const page = await call.catalog.recoveryPoints.list(ref, { ...pageOf(call), ...filter });
    return list(call, page, (point) => presentRecoveryPoint(ref, point, "list"));
  },
};
