import { acceptsBackup, type BackupInstance } from "../../domain/backup-instance.ts";
import { guidOf } from "../../domain/guid.ts";
import { formatRecordInstant, type Instant, minuteMs, parseInstant } from "../../domain/instant.ts";
import { decideDueRun } from "../../domain/policy/due-run.ts";
import { parsePolicy } from "../../domain/policy/parse-policy.ts";
import { type InstanceRef, instanceKey, parseInstanceRef } from "../../domain/resource-id.ts";
import type { Catalog, DueEntry } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WorkflowClient } from "../../ports/workflow-client.ts";
import { startWorkflow } from "../start-workflow.ts";
import { type DueOutcome, firstDueAt, postpone, serveDue } from "./serve-due.ts";

export interface ScheduleTickPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /**
   * Writes the instance's next due instant after `until` into the due index and the instance, and
   * removes the row of `rowAt`.
   */
  planNextBackup(
    ref: InstanceRef,
    served: { readonly until: Instant; readonly rowAt: string },
  ): Promise<void>;
}

export interface ScheduleOutcome extends DueOutcome {
  readonly started: number;
}

/** How soon an instance whose protection is being configured is looked at again. */
const configuringMs = minuteMs;

/**
 * Starts the backups whose instant has come. Reads due rows and nothing else, so that its cost grows
 * with what is due. Repeating it, on this host or another, starts nothing twice: the job's id
 * derives from instance and due instant.
 */
export async function runScheduleTick(
  ports: ScheduleTickPorts,
  workflows: WorkflowClient,
): Promise<ScheduleOutcome> {
  // One reading of the clock for all: what is due now is served, and what comes after it is planned.
  const now = ports.clock.now();
  let started = 0;
  const outcome = await serveDue(ports.catalog, "backup", now, async (entry) => {
    if (await serve(ports, workflows, entry, now)) started += 1;
  });
  return { ...outcome, started };
}

/** The row goes last: a crash before that serves it again, harmlessly. */
async function serve(
  ports: ScheduleTickPorts,
  workflows: WorkflowClient,
  entry: DueEntry,
  now: Instant,
): Promise<boolean> {
  const ref = parseInstanceRef(entry.payload);
  const instance = (await ports.catalog.instances.get(ref))?.value;
  if (instance?.protectionState === "ConfiguringProtection") {
    await postpone(ports.catalog, entry, now + configuringMs);
    return false;
  }
  const started =
    instance !== undefined &&
    acceptsBackup(instance.protectionState) &&
    (await startDue(ports, workflows, { ref, instance, now, dueAt: firstDueAt(entry) }));
  await ports.planNextBackup(ref, { until: now, rowAt: entry.at });
  return started;
}

interface Due {
  readonly ref: InstanceRef;
  readonly instance: BackupInstance;
  readonly now: Instant;
  readonly dueAt: string;
}

async function startDue(
  ports: ScheduleTickPorts,
  workflows: WorkflowClient,
  { ref, instance, now, dueAt: indexed }: Due,
): Promise<boolean> {
  const { vault, policyName } = instance;
  const resource = await ports.catalog.policies.get({ ...vault, policyName });
  const policy = resource && parsePolicy(resource.value.properties);
  const indexedAt = parseInstant(indexed);
  // planNextBackup reports a policy that cannot be read.
  if (policy?.ok !== true || indexedAt === undefined) return false;
  const { runFor, missed } = decideDueRun(policy.value, indexedAt, now);
  if (runFor === undefined) return false;
  const dueAt = formatRecordInstant(runFor);
  const jobId = guidOf(`backup|${instanceKey(ref)}|${dueAt}`);
  const outcome = await startWorkflow(workflows, "backUp", jobId, {
    jobId,
    vault,
    instanceName: instance.name,
    trigger: { kind: "scheduled", dueAt, missed },
  });
  return outcome === "started";
}
