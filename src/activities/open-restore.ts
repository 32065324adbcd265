import type { RestoreSpec } from "../domain/restore-spec.ts";
import type { Activity } from "./activity-types.ts";
import { createJobOnce, describeJob } from "./job-record.ts";
import { loadInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { findRestoreSource } from "./restore-source.ts";

/** Creates the restore's job; refuses (no job) when there is no such recovery point. */
export const createOpenRestore =
  (ports: ActivityPorts): Activity<"openRestore"> =>
  async ({ instance: ref, jobId, spec, workflowId }) => {
    const { value: instance } = await loadInstance(ports, ref);
    const { manifest } = await findRestoreSource(ports, ref, spec.recoveryPointId);
    await createJobOnce(ports, {
      ...describeJob(ports, ref, instance, jobId, workflowId),
      category: "Restore",
      operation: "Restore",
      isUserTriggered: true,
      subTasks: [{ id: 1, name: "Trigger Restore", status: "InProgress", details: {} }],
      details: filePrefixOf(spec),
      sourceStore: spec.sourceStore,
      recoveryPoint: { id: spec.recoveryPointId, takenAt: manifest.takenAt },
      recoveryDestination: destinationOf(spec),
      ...(spec.rehydration === undefined ? {} : { rehydrationPriority: spec.rehydration.priority }),
    });
    return {};
  };

/** Job of a rehydration on its own. */
export const createOpenRehydration =
  (ports: ActivityPorts): Activity<"openRehydration"> =>
  async ({ instance: ref, jobId, recoveryPointId, rehydration, workflowId }) => {
    const { value: instance } = await loadInstance(ports, ref);
    const { manifest } = await findRestoreSource(ports, ref, recoveryPointId);
    await createJobOnce(ports, {
      ...describeJob(ports, ref, instance, jobId, workflowId),
      category: "Tiering",
      operation: "Rehydrate",
      isUserTriggered: true,
      subTasks: [{ id: 1, name: "Rehydrate", status: "InProgress", details: {} }],
      details: { RehydrationDays: String(rehydration.retentionDays) },
      sourceStore: "ArchiveStore",
      recoveryPoint: { id: recoveryPointId, takenAt: manifest.takenAt },
      rehydrationPriority: rehydration.priority,
    });
    return {};
  };

/** Job of a verification or a proof on demand. */
export const createOpenVerification =
  (ports: ActivityPorts): Activity<"openVerification"> =>
  async ({ instance: ref, jobId, recoveryPointId, workflowId, operation }) => {
    const { value: instance } = await loadInstance(ports, ref);
    const { manifest } = await findRestoreSource(ports, ref, recoveryPointId);
    await createJobOnce(ports, {
      ...describeJob(ports, ref, instance, jobId, workflowId),
      category: "Management",
      operation,
      isUserTriggered: true,
      subTasks: [{ id: 1, name: operation, status: "InProgress", details: {} }],
      details: {},
      recoveryPoint: { id: recoveryPointId, takenAt: manifest.takenAt },
    });
    return {};
  };

/** Target database id, or container URL without its SAS: a job is no place for a secret. */
const destinationOf = ({ target }: RestoreSpec): string =>
  target.kind === "database" ? target.datasource.resourceId : (target.url.split("?")[0] ?? "");

const filePrefixOf = ({ target }: RestoreSpec): Record<string, string> =>
  target.kind === "files" ? { "Restore File Prefix": target.filePrefix } : {};
