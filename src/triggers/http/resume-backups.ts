import { changeProtection } from "./api/change-protection.ts";
import { loadInstanceAndVault } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { instancePath } from "./api/paths.ts";

export const resumeBackups: ApiOperation = {
  id: "BackupInstances_ResumeBackups",
  summary: "Follows the schedule again after suspendBackups.",
  method: "POST",
  path: `${instancePath}/resumeBackups`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/resumeBackups/action",
  answers: [202],
  async handle(call) {
    const { vault, instance } = await loadInstanceAndVault(call);
    return changeProtection(call, vault, instance.value, {
      kind: "ResumeBackups",
      to: "ProtectionConfigured",
      from: ["BackupSchedulesSuspended"],
    });
  },
};
