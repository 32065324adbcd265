import { jobResourceId } from "../domain/resource-id.ts";
import { jobEndedEvent } from "../domain/vault-event.ts";
import type { Activity } from "./activity-types.ts";
import { putEvent } from "./outbox.ts";
import type { ActivityPorts } from "./ports.ts";

type JobPorts = Pick<ActivityPorts, "catalog" | "clock">;

/** Writes what is known by now into the job. */
export const createChangeJob =
  ({ catalog }: JobPorts): Activity<"changeJob"> =>
  async ({ instance, jobId, change }) => {
    await catalog.jobs.change(instance, jobId, change);
    return {};
  };

/**
 * Ends the job and tells the world. The first ending wins, so that a repeated activity changes
 * nothing and tells the same event again.
 */
export const createCloseJob =
  ({
    catalog,
    clock,
    settings,
  }: JobPorts & Pick<ActivityPorts, "settings">): Activity<"closeJob"> =>
  async ({ instance, jobId, status, fault, change }) => {
    const { subTask, ...rest } = change ?? {};
    const job = await catalog.jobs.change(instance, jobId, {
      ...rest,
      status,
      endedAt: new Date(clock.now()).toISOString(),
      errors: fault === undefined ? [] : [fault],
      ...(subTask === undefined ? {} : { subTask }),
    });
    const event = job && jobEndedEvent(job);
    if (event !== undefined) await putEvent({ catalog, settings }, event);
    return {};
  };

/** Ends the long-running operation that clients poll. */
export const createEndOperation =
  ({ catalog, clock }: JobPorts): Activity<"endOperation"> =>
  async ({ operationId, fault, jobId, notices }) => {
    const operation = await catalog.operations.get(operationId);
    if (operation === undefined) return {};
    await catalog.operations.end(operationId, {
      status: fault === undefined ? "Succeeded" : "Failed",
      endedAt: new Date(clock.now()).toISOString(),
      ...(fault === undefined ? {} : { fault }),
      ...(notices === undefined ? {} : { notices }),
      ...(jobId === undefined || fault !== undefined
        ? {}
        : { jobId: jobResourceId(operation.vault, jobId) }),
    });
    return {};
  };
