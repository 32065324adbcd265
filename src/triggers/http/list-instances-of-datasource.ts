import { presentBackupInstance } from "../../contract/backup-instance.ts";
import { vaultResourceId } from "../../domain/resource-id.ts";
import { list } from "./api/answers.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { providerPath } from "./api/paths.ts";
import { isAllowed } from "./api/permissions.ts";

export const listInstancesOfDatasource: ApiOperation = {
  id: "BackupInstancesExtensionRouting_List",
  summary: "Answers the backup instance that protects a database, wherever it is.",
  method: "GET",
  path: `{*resourceId}${providerPath}/backupInstances`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/read",
  scope: "any",
  async handle(call) {
    const instance = await holder(call);
    return list(call, { items: instance === undefined ? [] : [instance] }, presentBackupInstance);
  },
};

/** Seen by those only who may read the vault that protects it. */
async function holder(call: ApiCall) {
  const ref = await call.catalog.instances.holderOf(call.param("resourceId"));
  if (ref === undefined) return undefined;
  if (!isAllowed(call.principal, call.operation.permission, vaultResourceId(ref))) return undefined;
  const found = await call.catalog.instances.get(ref);
  return found?.value.deletion === undefined ? found?.value : undefined;
}
