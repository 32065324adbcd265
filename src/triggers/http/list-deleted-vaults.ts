import { json } from "./api/answers.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { subscriptionLocationPath } from "./api/paths.ts";

export const listDeletedVaults: ApiOperation = {
  id: "DeletedBackupVaults_List",
  summary: "Lists deleted vaults: none, since only an empty vault can be deleted.",
  method: "GET",
  path: `${subscriptionLocationPath}/deletedVaults`,
  permission: "Microsoft.DataProtection/deletedVaults/read",
  handle: async () => json(200, { value: [] }),
};
