import type { RestoreSpec } from "../domain/restore-spec.ts";
import type { Activity } from "./activity-types.ts";
import { createJobOnce, describeJob } from "./job-record.ts";
import { loadInstance } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { restoreSource } from "./restore-source.ts";

/** Creates the restore's job; refuses (no job) when there is no such recovery point. */
export const createOpenRestore =
  (ports: ActivityPorts): Activity<"openRestore"> =>
  async ({ instance: ref, jobId, spec, workflowId }) => {
    const { value: instance } = await loadInstance(ports, ref);
    const manifest = await restoreSource(ports, ref, spec);
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

/** Target database id, or container URL without its SAS: a job is no place for a secret. */
const destinationOf = ({ target }: RestoreSpec): string =>
  target.kind === "database" ? target.datasource.resourceId : (target.url.split("?")[0] ?? "");

const filePrefixOf = ({ target }: RestoreSpec): Record<string, string> =>
  target.kind === "files" ? { "Restore File Prefix": target.filePrefix } : {};
