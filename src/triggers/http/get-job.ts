import { presentJob } from "../../contract/job.ts";
import { json, refuse } from "./api/answers.ts";
import { notFound, vaultRefOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

export const getJob: ApiOperation = {
  id: "Jobs_Get",
  summary: "Answers one job with its sub-tasks, progress and errors.",
  method: "GET",
  path: `${vaultPath}/backupJobs/{jobId}`,
  permission: "Microsoft.DataProtection/backupVaults/backupJobs/read",
  async handle(call) {
    const found = await call.catalog.jobs.get(vaultRefOf(call), call.param("jobId").toLowerCase());
    return found === undefined
      ? refuse(notFound(call.links.path))
      : json(200, presentJob(found.value, "single"));
  },
};
