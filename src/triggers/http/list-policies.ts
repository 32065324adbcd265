import { presentPolicy } from "../../contract/policy.ts";
import { list } from "./api/answers.ts";
import { loadVault, pageOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

export const listPolicies: ApiOperation = {
  id: "BackupPolicies_List",
  summary: "Lists the backup policies of a vault.",
  method: "GET",
  path: `${vaultPath}/backupPolicies`,
  permission: "Microsoft.DataProtection/backupVaults/backupPolicies/read",
  async handle(call) {
    const { value: vault } = await loadVault(call);
    return list(call, await call.catalog.policies.list(vault, pageOf(call)), presentPolicy);
  },
};
