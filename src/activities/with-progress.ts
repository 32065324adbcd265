import type { JobProgress } from "../domain/job.ts";
import type { JobRef } from "./activity-types.ts";
import type { ActivityPorts } from "./ports.ts";

/** Often enough to watch, seldom enough to cost nothing. */
const reportEveryMs = 2_000;

type OnProgress = (progress: Omit<JobProgress, "at">) => void;

/**
 * Runs a transfer whose progress shows in the job: at most one write per interval, never two at a
 * time, and never a failure of the transfer, because progress is a courtesy. Waits for the last
 * write in the end, so that no late one overtakes the job's own end.
 */
export async function withProgress<T>(
  { catalog, clock }: Pick<ActivityPorts, "catalog" | "clock">,
  { instance, jobId }: JobRef,
  transfer: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  let lastAt = Number.NEGATIVE_INFINITY;
  let writing: Promise<unknown> | undefined;
  const onProgress: OnProgress = (progress) => {
    const now = clock.now();
    if (writing !== undefined || now - lastAt < reportEveryMs) return;
    lastAt = now;
    const change = { progress: { ...progress, at: new Date(now).toISOString() } };
    writing = catalog.jobs
      .change(instance, jobId, change)
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
      });
  };
  try {
    return await transfer(onProgress);
  } finally {
    await writing;
  }
}
