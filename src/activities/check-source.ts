import type { Notice } from "../domain/notice.ts";
import type { Activity, JobRef } from "./activity-types.ts";
import { requireReadySource } from "./inspect-source.ts";
import { loadInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Everything a backup of this instance needs, checked against the real server. With `jobId` the
 * job's warnings tell what was noticed; repeating that adds nothing.
 */
export const createCheckSource =
  (ports: ActivityPorts): Activity<"checkSource"> =>
  async ({ instance: ref, jobId }) => {
    const { value: instance } = await loadInstance(ports, ref);
    const notices = await requireReadySource(ports, instance);
    if (jobId !== undefined) await warnInJob(ports, { instance: ref, jobId }, notices);
    return { notices };
  };

/** The same for an instance that is not stored (yet). */
export const createCheckDraft =
  (ports: ActivityPorts): Activity<"checkDraft"> =>
  async ({ draft }) => ({ notices: await requireReadySource(ports, draft) });

async function warnInJob(
  { catalog }: Pick<ActivityPorts, "catalog">,
  { instance, jobId }: JobRef,
  notices: readonly Notice[],
): Promise<void> {
  for (const { resourceName, warning, recommendedAction } of notices) {
    const text = [warning, ...recommendedAction].join(" ");
    await catalog.jobs.change(instance, jobId, { warning: { resourceName, warning: text } });
  }
}
