import { presentBackupInstance } from "../../contract/backup-instance.ts";
import { json } from "./api/answers.ts";
import { loadInstance } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const getInstance: ApiOperation = {
  id: "BackupInstances_Get",
  summary: "Answers one backup instance with its protection state.",
  method: "GET",
  path: instancePath,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/read",
  async handle(call) {
    const { value } = await loadInstance(call);
    return json(200, presentBackupInstance(value));
  },
};
