import { isTerminal, type Job } from "../../domain/job.ts";
import type { VaultRef } from "../../domain/resource-id.ts";
import type { Catalog } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WorkflowClient } from "../../ports/workflow-client.ts";
import type { DueFailure } from "./serve-due.ts";

export interface JobWatchPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Ends the job as Failed and removes what its workflow would have removed. */
  abandonJob(job: Job, detail: string): Promise<void>;
}

export interface JobWatchOutcome {
  readonly open: number;
  readonly abandoned: number;
  readonly failures: readonly DueFailure[];
}

/** A workflow that was started a moment ago may not be visible to everybody yet. */
const graceMs = 2 * 60_000;
const pageLimit = 200;

/**
 * Finds jobs in progress whose workflow has ended or is unknown (engine state lost, terminated by
 * hand, a bug) and ends them: no job stays InProgress for ever. Reads open jobs only, and one that
 * cannot be ended does not keep the others.
 */
export async function runJobWatch(
  ports: JobWatchPorts,
  workflows: WorkflowClient,
): Promise<JobWatchOutcome> {
  const failures: DueFailure[] = [];
  let open = 0;
  let abandoned = 0;
  let continuation: string | undefined;
  do {
    const page = await ports.catalog.jobs.open({
      limit: pageLimit,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const { vault, jobId } of page.items) {
      open += 1;
      try {
        if (await abandonIfLost(ports, workflows, vault, jobId)) abandoned += 1;
      } catch (error) {
        failures.push({ key: jobId, error });
      }
    }
    continuation = page.continuation;
  } while (continuation !== undefined);
  return { open, abandoned, failures };
}

async function abandonIfLost(
  ports: JobWatchPorts,
  workflows: WorkflowClient,
  vault: VaultRef,
  jobId: string,
): Promise<boolean> {
  const job = (await ports.catalog.jobs.get(vault, jobId))?.value;
  if (job === undefined || ports.clock.now() - Date.parse(job.startedAt) < graceMs) return false;
  const status = await workflows.status(job.workflowId);
  if (status === "Running") return false;
  // It may have ended its job properly between the two looks.
  const latest = (await ports.catalog.jobs.get(vault, jobId))?.value;
  if (latest === undefined || isTerminal(latest.status)) return false;
  await ports.abandonJob(latest, `its workflow is ${status ?? "unknown to the engine"}.`);
  return true;
}
