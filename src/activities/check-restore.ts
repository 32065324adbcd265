import type { DatabaseConnection } from "../domain/connection.ts";
import { FaultError, fault } from "../domain/fault.ts";
import type { Manifest } from "../domain/manifest.ts";
import type { DatabaseTarget, RestoreSpec } from "../domain/restore-spec.ts";
import type { Activity } from "./activity-types.ts";
import { checking, throwFindings } from "./combine-faults.ts";
import { resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";
import { findRestoreSource } from "./restore-source.ts";

/**
 * Everything a restore needs: the recovery point, the target server and a free name on it. All
 * findings at once, also those about the server when the recovery point must be rehydrated first.
 */
export const createCheckRestore =
  (ports: ActivityPorts): Activity<"checkRestore"> =>
  async ({ instance, spec, jobId }) => {
    const point = await checking(() => findRestoreSource(ports, instance, spec.recoveryPointId));
    const readable = await checking(async () => requireReadable(spec, point.value));
    const target = await checking(() => reachTarget(ports, spec));
    const found =
      point.value &&
      target.value &&
      (await ports.servers.inspectRestore(target.value, point.value.manifest.source, {
        keepTablespaces: spec.options.keepTablespaces,
        ...(jobId === undefined ? {} : { jobId }),
      }));
    throwFindings([
      ...point.faults,
      ...readable.faults,
      ...target.faults,
      ...(found?.faults ?? []),
    ]);
    return { notices: found?.notices ?? [] };
  };

/** Login to the target server; for files, a look whether the container takes them. */
async function reachTarget(
  ports: Pick<ActivityPorts, "connections" | "containers">,
  { target }: RestoreSpec,
): Promise<DatabaseConnection | undefined> {
  if (target.kind === "database") return resolveTarget(ports, target);
  await ports.containers.probe(target.url, target.filePrefix);
  return undefined;
}

/** All copies archived, and nobody asked to rehydrate one. */
function requireReadable(
  { rehydration, recoveryPointId }: RestoreSpec,
  source: { readonly manifest: Manifest; readonly folder: string | undefined } | undefined,
): void {
  if (source === undefined || source.folder !== undefined || rehydration !== undefined) return;
  throw new FaultError(fault("UserErrorRecoveryPointArchived", { recoveryPoint: recoveryPointId }));
}

/** Login to the target server, with the name of the database to create. */
export const resolveTarget = (
  ports: Pick<ActivityPorts, "connections">,
  target: DatabaseTarget,
): Promise<DatabaseConnection> => resolveDatabase(ports, target.datasource, target.credentials);

export function requireDatabaseTarget({ target }: RestoreSpec): DatabaseTarget {
  if (target.kind === "database") return target;
  const detail = "The restore request names a container, not a database.";
  throw new FaultError(fault("UserErrorNotSupported", { detail }));
}
