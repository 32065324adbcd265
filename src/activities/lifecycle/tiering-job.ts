import { guidOf } from "../../domain/guid.ts";
import type { RecoveryPoint } from "../../domain/recovery-point.ts";
import { type InstanceRef, instanceKey } from "../../domain/resource-id.ts";
import { describeJob } from "../job-record.ts";
import type { ActivityPorts } from "../ports.ts";

/**
 * Enters a finished tiering step into the job history. The id derives from recovery point and step,
 * so that a repeated step leaves one job.
 */
export async function recordTiering(
  ports: ActivityPorts,
  ref: InstanceRef,
  point: RecoveryPoint,
  step: "Archive" | "EarlyDeletion",
  reason: string,
): Promise<void> {
  const instance = await ports.catalog.instances.get(ref);
  if (instance === undefined) return;
  const jobId = guidOf(`tiering|${instanceKey(ref)}|${point.id}|${step}`);
  const at = new Date(ports.clock.now()).toISOString();
  await ports.catalog.jobs.create({
    ...describeJob(ports, ref, instance.value, jobId, ""),
    category: "Tiering",
    operation: "Tiering",
    isUserTriggered: false,
    status: "Completed",
    endedAt: at,
    sourceStore: step === "Archive" ? "VaultStore" : "ArchiveStore",
    recoveryPoint: { id: point.id, takenAt: point.takenAt },
    subTasks: [{ id: 1, name: "Tiering", status: "Completed", details: {} }],
    details: { Reason: reason },
  });
}
