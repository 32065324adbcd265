import { acceptsBackup, type BackupInstance } from "../../domain/backup-instance.ts";
import { guidOf } from "../../domain/guid.ts";
import { formatRecordInstant, parseInstant } from "../../domain/instant.ts";
import { decideDueRun } from "../../domain/policy/due-run.ts";
import { parsePolicy } from "../../domain/policy/parse-policy.ts";
import { type InstanceRef, instanceKey, parseInstanceRef } from "../../domain/resource-id.ts";
import type { Catalog, DueEntry } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { WorkflowClient } from "../../ports/workflow-client.ts";
import { startWorkflow } from "../start-workflow.ts";

export interface ScheduleTickPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Writes the instance's next due instant into the due index and the instance. */
  planNextBackup(ref: InstanceRef, instance: BackupInstance): Promise<void>;
}

export interface TickOutcome {
  readonly due: number;
  readonly started: number;
}

/** Entries served by one tick; the rest wait for the next, a minute later. */
const tickLimit = 500;

/**
 * Starts the backups whose instant has come. Reads due rows and nothing else, so that its cost grows
 * with what is due. Repeating it, on this host or another, starts nothing twice: the job's id
 * derives from instance and due instant.
 */
export async function runScheduleTick(
  ports: ScheduleTickPorts,
  workflows: WorkflowClient,
): Promise<TickOutcome> {
  const now = new Date(ports.clock.now()).toISOString();
  const entries = await ports.catalog.due.upTo("backup", now, tickLimit);
  let started = 0;
  for (const entry of entries) {
    if (await serve(ports, workflows, entry)) started += 1;
  }
  return { due: entries.length, started };
}

/** The entry goes last: a crash before that serves it again, harmlessly. */
async function serve(
  ports: ScheduleTickPorts,
  workflows: WorkflowClient,
  entry: DueEntry,
): Promise<boolean> {
  const ref = parseInstanceRef(entry.payload);
  const found = await ports.catalog.instances.get(ref);
  if (found === undefined) {
    await ports.catalog.due.remove(entry);
    return false;
  }
  const started = await startDue(ports, workflows, entry, found.value);
  await ports.planNextBackup(ref, found.value);
  const latest = await ports.catalog.instances.get(ref);
  if (latest?.value.nextDueAt !== entry.at) await ports.catalog.due.remove(entry);
  return started;
}

async function startDue(
  ports: ScheduleTickPorts,
  workflows: WorkflowClient,
  entry: DueEntry,
  instance: BackupInstance,
): Promise<boolean> {
  const { vault, policyName } = instance;
  if (!acceptsBackup(instance.protectionState)) return false;
  const resource = await ports.catalog.policies.get({ ...vault, policyName });
  const policy = resource && parsePolicy(resource.value.properties);
  const indexedAt = parseInstant(entry.at);
  if (policy?.ok !== true || indexedAt === undefined) return false;
  const { runFor, missed } = decideDueRun(policy.value, indexedAt, ports.clock.now());
  if (runFor === undefined) return false;
  const dueAt = formatRecordInstant(runFor);
  const jobId = guidOf(`backup|${instanceKey(parseInstanceRef(entry.payload))}|${dueAt}`);
  const outcome = await startWorkflow(workflows, "backUp", jobId, {
    jobId,
    vault,
    instanceName: instance.name,
    trigger: { kind: "scheduled", dueAt, missed },
  });
  return outcome === "started";
}
