import type { DatabaseConnection, ServerConnection } from "../../domain/connection.ts";
import { FaultError } from "../../domain/fault.ts";
import type { DatabaseServers } from "../../ports/database-server.ts";
import { type ClientToolSource, createClientTools } from "./client-tools.ts";
import { applicationName, withClient } from "./connect.ts";
import { grantScript } from "./grants/grant-script.ts";
import { inMaintenanceDatabase } from "./maintenance-database.ts";
import { dropLeftovers, unmark, withAdmin } from "./mover/target-database.ts";
import { inspectBackup } from "./readiness/inspect-backup.ts";
import { inspectRestore } from "./readiness/inspect-restore.ts";
import { majorOf, versionText } from "./server-version.ts";
import { toFaultError } from "./translate-error.ts";

export interface DatabaseServersOptions {
  /** Shared with the mover, so that the disk is looked at once. */
  readonly tools?: ClientToolSource;
  readonly connectTimeoutMs?: number;
}

export function createDatabaseServers(options: DatabaseServersOptions = {}): DatabaseServers {
  const inspector = { ...options, tools: options.tools ?? createClientTools() };
  const timeout =
    options.connectTimeoutMs === undefined ? {} : { timeoutMs: options.connectTimeoutMs };
  return {
    inspectBackup: (source) => inspectBackup(source, inspector),
    inspectRestore: (target, source, check = {}) =>
      inspectRestore(target, source, check, inspector),
    serverMajor: (server) => serverMajor(server, timeout),
    grantScript,
    dropRestored: (target, jobId) =>
      withAdmin(target, timeout, (client) => dropLeftovers(client, target.database, jobId)),
    keepRestored: (target, jobId) =>
      withAdmin(target, timeout, (client) => unmark(client, target.database, jobId)),
    endSessions: (server, jobId) => endSessions(server, jobId, timeout),
  };
}

interface Timeout {
  readonly timeoutMs?: number;
}

function serverMajor(server: ServerConnection, timeout: Timeout): Promise<number> {
  return inMaintenanceDatabase(server, (connection) =>
    withClient(connection, timeout, async (client) => {
      const { rows } = await client.query<{ version: number }>(
        "SELECT pg_catalog.current_setting('server_version_num')::int AS version",
      );
      return majorOf(versionText(rows[0]?.version ?? 0));
    }),
  );
}

function endSessions(server: ServerConnection, jobId: string, timeout: Timeout): Promise<number> {
  return inAnyDatabase(server, (connection) =>
    withClient(connection, timeout, async (client) => {
      try {
        const { rows } = await client.query<{ ended: number }>(
          `SELECT pg_catalog.count(*) FILTER (WHERE pg_catalog.pg_terminate_backend(pid))::int AS ended
             FROM pg_catalog.pg_stat_activity
            WHERE application_name = $1 AND usename = current_user AND pid <> pg_catalog.pg_backend_pid()`,
          [applicationName(jobId)],
        );
        return rows[0]?.ended ?? 0;
      } catch (error) {
        throw toFaultError(error, {
          connection,
          otherwise: "InternalError",
          object: `sessions of job ${jobId}`,
        });
      }
    }),
  );
}

/** The database that the secret names is open to the role for certain; else as for maintenance. */
async function inAnyDatabase<T>(
  server: ServerConnection,
  use: (connection: DatabaseConnection) => Promise<T>,
): Promise<T> {
  const { database } = server;
  if (database === undefined) return inMaintenanceDatabase(server, use);
  try {
    return await use({ ...server, database });
  } catch (error) {
    const missing = error instanceof FaultError && error.fault.code === "UserErrorDBNotFound";
    if (missing) return inMaintenanceDatabase(server, use);
    throw error;
  }
}
