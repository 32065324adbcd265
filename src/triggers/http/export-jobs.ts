import { presentJobExport } from "../../contract/job-export.ts";
import { exportResultPath, locationStatusPath } from "../../contract/operation.ts";
import type { Job } from "../../domain/job.ts";
import { accepted, json, refuse } from "./api/answers.ts";
import { loadVault, notFound } from "./api/load.ts";
import { loadOperation } from "./api/load-operation.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { endedOperation } from "./api/operations-start.ts";
import { vaultPath } from "./api/paths.ts";

/** Newest jobs of one export. */
const maxExportedJobs = 10_000;
const permission = "Microsoft.DataProtection/backupVaults/exportBackupJobs/action";

export const exportJobs: ApiOperation = {
  id: "ExportJobs_Trigger",
  summary: "Prepares the newest jobs of a vault as a table.",
  method: "POST",
  path: `${vaultPath}/exportBackupJobs`,
  permission,
  answers: [202],
  async handle(call) {
    const { value: vault } = await loadVault(call);
    const operation = await endedOperation(call, vault, "ExportJobs");
    return accepted(call, operation, exportResultPath(vault, operation.id));
  },
};

export const getExportResult: ApiOperation = {
  id: "ExportJobsOperationResult_Get",
  summary: "Answers where the exported table is.",
  method: "GET",
  path: `${vaultPath}/backupJobs/operations/{operationId}`,
  permission,
  async handle(call) {
    const operation = await loadOperation(call);
    if (operation.kind !== "ExportJobs") refuse(notFound(call.links.path));
    const blobUrl = call.links.to(`${exportResultPath(operation.vault, operation.id)}/jobs.csv`);
    // The table is served by this API under the caller's own token, so there is no SAS to give.
    const result = { blobUrl, blobSasKey: "", excelFileBlobUrl: blobUrl, excelFileBlobSasKey: "" };
    return json(200, result, {
      "azure-asyncoperation": call.links.to(locationStatusPath(operation)),
    });
  },
};

export const getExportedJobs: ApiOperation = {
  id: "ExportJobs_Download",
  summary: "Answers the exported jobs as CSV (pgvault extension).",
  method: "GET",
  path: `${vaultPath}/backupJobs/operations/{operationId}/jobs.csv`,
  permission,
  async handle(call) {
    const operation = await loadOperation(call);
    if (operation.kind !== "ExportJobs") refuse(notFound(call.links.path));
    const body = presentJobExport(await newestJobs(call));
    return { status: 200, headers: { "content-type": "text/csv; charset=utf-8" }, body };
  },
};

async function newestJobs(call: ApiCall): Promise<readonly Job[]> {
  const { value: vault } = await loadVault(call);
  const jobs: Job[] = [];
  let continuation: string | undefined;
  do {
    const page = await call.catalog.jobs.list(vault, {
      limit: 1000,
      ...(continuation === undefined ? {} : { continuation }),
    });
    jobs.push(...page.items);
    continuation = page.continuation;
  } while (continuation !== undefined && jobs.length < maxExportedJobs);
  return jobs.slice(0, maxExportedJobs);
}
