import { presentDeletedInstance } from "../../contract/deleted-instance.ts";
import { list } from "./api/answers.ts";
import { loadVault, pageOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

export const listDeletedInstances: ApiOperation = {
  id: "DeletedBackupInstances_List",
  summary: "Lists the soft-deleted backup instances of a vault.",
  method: "GET",
  path: `${vaultPath}/deletedBackupInstances`,
  permission: "Microsoft.DataProtection/backupVaults/deletedBackupInstances/read",
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const page = await call.catalog.instances.list(vault, pageOf(call));
    const items = page.items.filter(({ deletion }) => deletion !== undefined);
    return list(call, { ...page, items }, presentDeletedInstance);
  },
};
