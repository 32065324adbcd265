import { instanceResourceId } from "../../domain/resource-id.ts";
import { accepted, empty } from "./api/answers.ts";
import { guardOperation } from "./api/guard.ts";
import { requireMutableVault } from "./api/immutability.ts";
import { instanceRefOf, loadVault, vaultRefOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { openOperation, startWorkflow } from "./api/operations-start.ts";
import { instancePath } from "./api/paths.ts";

export const deleteInstance: ApiOperation = {
  id: "BackupInstances_Delete",
  summary: "Ends protection and deletes the recovery points, at once or after soft delete.",
  method: "DELETE",
  path: instancePath,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/delete",
  answers: [202, 204],
  async handle(call) {
    const ref = instanceRefOf(call);
    const found = await call.catalog.instances.get(ref);
    if (found === undefined || found.value.deletion !== undefined) return empty(204);
    const { value: vault } = await loadVault(call);
    await requireMutableVault(call, vault, found.value);
    await guardOperation(call, vault, {
      operation: "deleteInstance",
      resourceId: instanceResourceId(ref),
      requests: [],
    });
    const { instanceName } = ref;
    const operation = await openOperation(call, vault, "DeleteInstance", { instanceName });
    await startWorkflow(call, operation, "deleteInstance", {
      operationId: operation.id,
      vault: vaultRefOf(call),
      instanceName,
    });
    return accepted(call, operation);
  },
};
