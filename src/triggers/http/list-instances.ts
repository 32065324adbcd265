import { presentBackupInstance } from "../../contract/backup-instance.ts";
import { list } from "./api/answers.ts";
import { loadVault, pageOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

export const listInstances: ApiOperation = {
  id: "BackupInstances_List",
  summary: "Lists the backup instances of a vault; soft-deleted ones are elsewhere.",
  method: "GET",
  path: `${vaultPath}/backupInstances`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/read",
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const page = await call.catalog.instances.list(vault, pageOf(call));
    const items = page.items.filter(({ deletion }) => deletion === undefined);
    return list(call, { ...page, items }, presentBackupInstance);
  },
};
