import type { Job } from "../../domain/job.ts";
import type { Catalog } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WorkflowClient } from "../../ports/workflow-client.ts";

export interface JobWatchPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Ends the job as Failed and removes what its workflow would have removed. */
  abandonJob(job: Job, detail: string): Promise<void>;
}

/** A workflow that was started a moment ago may not be visible to everybody yet. */
const graceMs = 2 * 60_000;
const pageLimit = 200;

/**
 * Finds jobs in progress whose workflow has ended or is unknown (engine state lost, terminated by
 * hand, a bug) and ends them: no job stays InProgress for ever. Reads open jobs only.
 */
export async function runJobWatch(
  ports: JobWatchPorts,
  workflows: WorkflowClient,
): Promise<{ open: number; abandoned: number }> {
  let open = 0;
  let abandoned = 0;
  let continuation: string | undefined;
  do {
    const page = await ports.catalog.jobs.open({
      limit: pageLimit,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const { vault, jobId } of page.items) {
      const found = await ports.catalog.jobs.get(vault, jobId);
      if (found === undefined || ports.clock.now() - Date.parse(found.value.startedAt) < graceMs)
        continue;
      open += 1;
      const status = await workflows.status(found.value.workflowId);
      if (status === "Running") continue;
      await ports.abandonJob(found.value, `its workflow is ${status ?? "unknown to the engine"}.`);
      abandoned += 1;
    }
    continuation = page.continuation;
  } while (continuation !== undefined);
  return { open, abandoned };
}
