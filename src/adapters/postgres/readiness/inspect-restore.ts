import { type DatabaseConnection, serverLabel } from "../../../domain/connection.ts";
import { type Fault, fault } from "../../../domain/fault.ts";
import type { ManifestSource } from "../../../domain/manifest.ts";
import type {
  Inspection,
  RestoreCheckOptions,
  RestoreFacts,
} from "../../../ports/database-server.ts";
import { inMaintenanceDatabase } from "../maintenance-database.ts";
import { majorOf } from "../server-version.ts";
import { translateError } from "../translate-error.ts";
import { readDatabase } from "./database-facts.ts";
import type { InspectorOptions } from "./inspect-backup.ts";
import { inspecting } from "./inspection-session.ts";
import { targetFaults } from "./restore-target-faults.ts";
import { readRestoreTarget } from "./restore-target-query.ts";

/** Everything that would make a restore into a new database of this name fail. */
export async function inspectRestore(
  target: DatabaseConnection,
  source: ManifestSource,
  check: RestoreCheckOptions,
  options: InspectorOptions,
): Promise<Inspection<RestoreFacts>> {
  try {
    return await inMaintenanceDatabase(target, (maintenance) =>
      inspecting(maintenance, options.connectTimeoutMs, async (client) => {
        const server = await readDatabase(client);
        const reading = await readRestoreTarget(client, target.database, source);
        const tools = await options.tools.forVersion(source.clientVersion, serverLabel(target));
        const { serverVersion } = server.facts;
        return {
          faults: [
            ...versionFaults(target, source, serverVersion),
            ...(tools.ok ? [] : [tools.error]),
            ...targetFaults({ target, source, check, server, reading }),
          ],
          notices: [],
          facts: {
            serverVersion,
            estimatedBytes: source.databaseBytes,
            ...(tools.ok ? { clientVersion: tools.value.version } : {}),
          },
        };
      }),
    );
  } catch (error) {
    const found = translateError(error, { connection: target, otherwise: "InternalError" });
    return { faults: [found], notices: [] };
  }
}

const versionFaults = (
  target: DatabaseConnection,
  source: ManifestSource,
  serverVersion: string,
): readonly Fault[] =>
  majorOf(source.serverVersion) <= majorOf(serverVersion)
    ? []
    : [
        fault(
          "UserErrorRestoreToLowerVersion",
          { source: source.serverVersion, target: serverVersion, server: serverLabel(target) },
          { target: serverLabel(target) },
        ),
      ];
