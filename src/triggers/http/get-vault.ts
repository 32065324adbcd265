import { presentVault } from "../../contract/vault.ts";
import { json } from "./api/answers.ts";
import { loadVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";
import { vaultFacts } from "./api/vault-facts.ts";

export const getVault: ApiOperation = {
  id: "BackupVaults_Get",
  summary: "Answers one backup vault.",
  method: "GET",
  path: vaultPath,
  permission: "Microsoft.DataProtection/backupVaults/read",
  async handle(call) {
    const { value: vault } = await loadVault(call);
    return json(200, presentVault(vault, vaultFacts(vault)));
  },
};
