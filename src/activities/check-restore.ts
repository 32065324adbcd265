import type { DatabaseConnection } from "../domain/connection.ts";
import { FaultError, fault } from "../domain/fault.ts";
import type { DatabaseTarget, RestoreSpec } from "../domain/restore-spec.ts";
import type { Activity } from "./activity-types.ts";
import { throwFindings } from "./combine-faults.ts";
import { resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { findRestoreSource, requireReadable } from "./restore-source.ts";

/** Everything a restore needs: the recovery point, the target server and a free name on it. */
export const createCheckRestore =
  (ports: ActivityPorts): Activity<"checkRestore"> =>
  async ({ instance, spec, jobId }) => {
    const { manifest } = await (spec.rehydration === undefined
      ? requireReadable(ports, instance, spec.recoveryPointId)
      : findRestoreSource(ports, instance, spec.recoveryPointId));
    const target = await resolveTarget(ports, requireDatabaseTarget(spec));
    const check = {
      keepTablespaces: spec.options.keepTablespaces,
      ...(jobId === undefined ? {} : { jobId }),
    };
    throwFindings(await ports.servers.checkRestore(target, manifest.source, check));
    return {};
  };

/** Login to the target server, with the name of the database to create. */
export const resolveTarget = (
  ports: Pick<ActivityPorts, "connections">,
  target: DatabaseTarget,
): Promise<DatabaseConnection> => resolveDatabase(ports, target.datasource, target.credentials);

export function requireDatabaseTarget({ target }: RestoreSpec): DatabaseTarget {
  if (target.kind === "database") return target;
  const detail = "Restore as files is not supported by this activity; use a database target.";
  throw new FaultError(fault("UserErrorNotSupported", { detail }));
}
