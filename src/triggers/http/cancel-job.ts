import { fault } from "../../domain/fault.ts";
import { cancelEvent } from "../../workflows/rehydrate.ts";
import { empty, refuse } from "./api/answers.ts";
import { notFound, vaultRefOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

/** pgvault's own: ends the waiting for a rehydration, which takes hours on Azure. */
export const cancelJob: ApiOperation = {
  id: "Jobs_Cancel",
  summary: "Cancels a job that waits for a rehydration (pgvault extension).",
  method: "POST",
  path: `${vaultPath}/backupJobs/{jobId}/cancel`,
  permission: "Microsoft.DataProtection/backupVaults/backupInstances/rehydrate/action",
  answers: [202],
  async handle(call) {
    const jobId = call.param("jobId").toLowerCase();
    const found = await call.catalog.jobs.get(vaultRefOf(call), jobId);
    if (found === undefined) return refuse(notFound(call.links.path));
    const { status, rehydrationPriority, workflowId } = found.value;
    if (status !== "InProgress" || rehydrationPriority === undefined) {
      const detail = `Job '${jobId}' (${found.value.operation}, ${status}) does not wait for a rehydration; only such a job can be cancelled.`;
      return refuse(fault("UserErrorNotSupported", { detail }, { target: "jobId" }));
    }
    await call.workflows.raiseEvent(workflowId, cancelEvent, { by: call.principal.name });
    return empty(202);
  },
};
