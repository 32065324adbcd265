import { acceptsBackup, type BackupInstance } from "../domain/backup-instance.ts";
import type { BackUpTrigger } from "../domain/backup-trigger.ts";
import { FaultError, fault } from "../domain/fault.ts";
import { dayMs } from "../domain/instant.ts";
import { parsePolicy } from "../domain/policy/parse-policy.ts";
import { decideAdhocTag } from "../domain/policy/tagging.ts";
import { recoveryPointIdOf } from "../domain/recovery-point.ts";
import type { Activity } from "./activity-types.ts";
import { createJobOnce, describeJob } from "./job-record.ts";
import { reviewRow } from "./lifecycle/plan-review.ts";
import { loadInstance, loadPolicy } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/**
 * Creates the backup's job. Refuses (no job) when the instance does not accept backups or the
 * request names a rule or tag that the policy does not have.
 */
export const createOpenBackup =
  (ports: ActivityPorts): Activity<"openBackup"> =>
  async ({ instance: ref, jobId, trigger, workflowId }) => {
    const { value: instance } = await loadInstance(ports, ref);
    refuseUnprotected(instance);
    const tag = await requestedTag(ports, instance, trigger);
    await createJobOnce(ports, {
      ...describeJob(ports, ref, instance, jobId, workflowId),
      category: "Backup",
      operation: "Backup",
      isUserTriggered: trigger.kind === "adhoc",
      subTasks: [{ id: 1, name: "Trigger Backup", status: "InProgress", details: {} }],
      details: { ...tag, ...missedDetails(trigger) },
    });
    // Before the first byte: whatever this job leaves behind, somebody will look.
    const sweepAt = ports.clock.now() + dayMs;
    await ports.catalog.due.put(reviewRow(ref, recoveryPointIdOf(jobId), sweepAt));
    return {};
  };

function refuseUnprotected(instance: BackupInstance): void {
  if (acceptsBackup(instance.protectionState)) return;
  const values = {
    instance: instance.name,
    state: instance.protectionState,
    detail: "no backup can be taken.",
  };
  throw new FaultError(fault("UserErrorInstanceNotProtected", values));
}

async function requestedTag(
  ports: ActivityPorts,
  instance: BackupInstance,
  trigger: BackUpTrigger,
): Promise<Record<string, string>> {
  if (trigger.kind === "scheduled") return { DueTime: trigger.dueAt };
  const parsed = parsePolicy((await loadPolicy(ports, instance)).properties);
  if (!parsed.ok) return {};
  const decided = decideAdhocTag(parsed.value, trigger);
  if (!decided.ok) {
    const { message: detail, path: target } = decided.error;
    throw new FaultError(fault("BMSUserErrorInvalidInput", { detail }, { target }));
  }
  return { RetentionTag: decided.value.tagName };
}

const missedDetails = (trigger: BackUpTrigger): Record<string, string> =>
  trigger.kind === "scheduled" && trigger.missed > 0
    ? { MissedInstants: String(trigger.missed) }
    : {};
