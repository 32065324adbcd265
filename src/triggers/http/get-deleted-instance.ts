import { presentDeletedInstance } from "../../contract/deleted-instance.ts";
import { json } from "./api/answers.ts";
import { loadDeletedInstance } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { deletedInstancePath } from "./api/paths.ts";

export const getDeletedInstance: ApiOperation = {
  id: "DeletedBackupInstances_Get",
  summary: "Answers one soft-deleted backup instance.",
  method: "GET",
  path: deletedInstancePath,
  permission: "Microsoft.DataProtection/backupVaults/deletedBackupInstances/read",
  async handle(call) {
    const { value } = await loadDeletedInstance(call);
    return json(200, presentDeletedInstance(value));
  },
};
