import { parseBody } from "../../contract/parse-body.ts";
import { guardedActionSchema } from "../../contract/protection-actions.ts";
import { instanceResourceId } from "../../domain/resource-id.ts";
import { orRefuse } from "./api/answers.ts";
import { changeProtection } from "./api/change-protection.ts";
import { guardOperation } from "./api/guard.ts";
import { instanceRefOf, loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const stopProtection: ApiOperation = {
  id: "BackupInstances_StopProtection",
  summary: "Stops backups and retention; recovery points are kept.",
  method: "POST",
  path: `${instancePath}/stopProtection`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/stopProtection/action",
  body: { schema: "StopProtectionRequest", required: false },
  answers: [202],
  async handle(call) {
    const wire = orRefuse(parseBody(guardedActionSchema, call.body ?? {}));
    const { vault, instance } = await loadInstanceAndVault(call);
    await guardOperation(call, vault, {
      operation: "stopProtection",
      resourceId: instanceResourceId(instanceRefOf(call)),
      requests: wire.resourceGuardOperationRequests ?? [],
    });
    return changeProtection(call, vault, instance.value, {
      kind: "StopProtection",
      to: "ProtectionStopped",
      from: ["ProtectionConfigured", "ProtectionError", "BackupSchedulesSuspended"],
    });
  },
};
