import { presentPolicy } from "../../contract/policy.ts";
import { json } from "./api/answers.ts";
import { loadPolicy } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { policyPath } from "./api/paths.ts";

export const getPolicy: ApiOperation = {
  id: "BackupPolicies_Get",
  summary: "Answers one backup policy.",
  method: "GET",
  path: policyPath,
  permission: "Microsoft.DataProtection/backupVaults/backupPolicies/read",
  async handle(call) {
    const { value } = await loadPolicy(call);
    return json(200, presentPolicy(value));
  },
};
