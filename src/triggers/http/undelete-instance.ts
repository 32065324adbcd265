import { fault } from "../../domain/fault.ts";
import { instanceKey } from "../../domain/resource-id.ts";
import { accepted, refuse } from "./api/answers.ts";
import { instanceRefOf, loadDeletedInstance, loadVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { endedOperation } from "./api/operations-start.ts";
import { deletedInstancePath } from "./api/paths.ts";

export const undeleteInstance: ApiOperation = {
  id: "DeletedBackupInstances_Undelete",
  summary: "Brings a soft-deleted backup instance back, with protection stopped.",
  method: "POST",
  path: `${deletedInstancePath}/undelete`,
  permission: "Microsoft.DataProtection/backupVaults/deletedBackupInstances/undelete/action",
  answers: [202],
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const found = await loadDeletedInstance(call);
    const { deletion, ...instance } = found.value;
    // Its purge has begun: part of its recovery points is gone already.
    if (instance.protectionState === "SoftDeleting")
      return refuse(fault("Conflict", { resource: instance.name }));
    // The etag decides between this and a purge that comes due at the same moment.
    const saved = await call.catalog.instances.replace(
      { ...instance, protectionState: "ProtectionStopped", provisioningState: "Succeeded" },
      found.etag,
    );
    if (saved === undefined) return refuse(fault("Conflict", { resource: instance.name }));
    if (deletion !== undefined) {
      const key = instanceKey(instanceRefOf(call));
      await call.catalog.due.remove({ kind: "purge", at: deletion.scheduledPurgeAt, key });
    }
    const instanceName = instance.name;
    return accepted(call, await endedOperation(call, vault, "UndeleteInstance", { instanceName }));
  },
};
