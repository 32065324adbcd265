import { parseBody } from "../../contract/parse-body.ts";
import { guardedActionSchema } from "../../contract/protection-actions.ts";
import { instanceResourceId } from "../../domain/resource-id.ts";
import { orRefuse } from "./api/answers.ts";
import { changeProtection } from "./api/change-protection.ts";
import { guardOperation } from "./api/guard.ts";
import { instanceRefOf, loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const suspendBackups: ApiOperation = {
  id: "BackupInstances_SuspendBackups",
  summary: "Stops scheduled backups; retention goes on.",
  method: "POST",
  path: `${instancePath}/suspendBackups`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/suspendBackups/action",
  body: { schema: "SuspendBackupRequest", required: false },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(guardedActionSchema, call.body ?? {}));
    const { vault, instance } = await loadInstanceAndVault(call);
    await guardOperation(call, vault, {
      operation: "suspendBackups",
      resourceId: instanceResourceId(instanceRefOf(call)),
      requests: wire.resourceGuardOperationRequests ?? [],
    });
    return changeProtection(call, vault, instance.value, {
      kind: "SuspendBackups",
      to: "BackupSchedulesSuspended",
      from: ["ProtectionConfigured", "ProtectionError"],
    });
  },
};
