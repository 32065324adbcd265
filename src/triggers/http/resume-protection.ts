import { parseBody } from "../../contract/parse-body.ts";
import { resumeProtectionSchema } from "../../contract/protection-actions.ts";
import { acceptsBackup } from "../../domain/backup-instance.ts";
import { empty, orRefuse } from "./api/answers.ts";
import { changeProtection } from "./api/change-protection.ts";
import { claimDatasource, requirePolicy } from "./api/instance-claims.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const resumeProtection: ApiOperation = {
  id: "BackupInstances_ResumeProtection",
  summary: "Protects again after stopProtection or undelete.",
  method: "POST",
  path: `${instancePath}/resumeProtection`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/resumeProtection/action",
  body: { schema: "ResumeProtectionRequest", required: false },
  answers: [200, 202],
  async handle(call) {
    orRefuse(parseBody(resumeProtectionSchema, call.body ?? {}));
    const { vault, instance } = await loadInstanceAndVault(call);
    // Recorded: 200 without body when there is nothing to resume.
    if (acceptsBackup(instance.value.protectionState)) return empty(200);
    await requirePolicy(call, instance.value);
    await claimDatasource(call, instance.value);
    return changeProtection(call, vault, instance.value, {
      kind: "ResumeProtection",
      to: "ProtectionConfigured",
      from: ["ProtectionStopped", "BackupSchedulesSuspended"],
    });
  },
};
