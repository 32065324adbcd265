import { presentJob } from "../../contract/job.ts";
import { list } from "./api/answers.ts";
import { loadVault, pageOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

export const listJobs: ApiOperation = {
  id: "Jobs_List",
  summary: "Lists the jobs of a vault, newest first.",
  method: "GET",
  path: `${vaultPath}/backupJobs`,
  permission: "Microsoft.DataProtection/backupVaults/backupJobs/read",
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const page = await call.catalog.jobs.list(vault, pageOf(call));
    return list(call, page, (job) => presentJob(job, "list"));
  },
};
