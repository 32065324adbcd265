import type { Job } from "../domain/job.ts";
import { jobResourceId } from "../domain/resource-id.ts";
import { wireDuration, wireInstant } from "./instants.ts";

const columns: readonly (readonly [string, (job: Job) => string])[] = [
  ["JobId", (job) => jobResourceId(job.vault, job.id)],
  ["BackupInstance", (job) => job.friendlyName],
  ["DatasourceId", (job) => job.datasourceId],
  ["DatasourceType", (job) => job.datasourceType],
  ["Policy", (job) => job.policyName],
  ["Operation", (job) => job.operation],
  ["Status", (job) => job.status],
  ["StartTime", (job) => wireInstant(job.startedAt)],
  ["EndTime", (job) => (job.endedAt === undefined ? "" : wireInstant(job.endedAt))],
  ["Duration", (job) => wireDuration(job.startedAt, job.endedAt)],
  ["DataTransferredInBytes", (job) => String(job.dataTransferredBytes ?? "")],
  ["ErrorCode", (job) => job.errors[0]?.code ?? ""],
  ["ErrorMessage", (job) => job.errors[0]?.message ?? ""],
];

/** Jobs as a table for spreadsheets, RFC 4180. */
export const presentJobExport = (jobs: readonly Job[]): string =>
  [columns.map(([name]) => name), ...jobs.map((job) => columns.map(([, read]) => read(job)))]
    .map((row) => row.map(cell).join(","))
    .join("\r\n");

/** Quoted where needed; a leading = + - @ would be run as a formula by spreadsheets. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
