import type { DatabaseConnection, ServerConnection } from "../../domain/connection.ts";
import { FaultError } from "../../domain/fault.ts";
import type { DatabaseServers } from "../../ports/database-server.ts";
import { type ClientToolSource, createClientTools } from "./client-tools.ts";
import { applicationName, withClient } from "./connect.ts";
import { grantScript } from "./grants/grant-script.ts";
import { inMaintenanceDatabase } from "./maintenance-database.ts";
import { inspectBackup } from "./readiness/inspect-backup.ts";
import { inspectRestore } from "./readiness/inspect-restore.ts";
import { markedJobId } from "./restore-marker.ts";
import { majorOf, versionText } from "./server-version.ts";
import { quoteIdentifier } from "./sql-text.ts";
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
    dropRestored: (target, jobId) => dropRestored(target, jobId, timeout),
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

/** Sessions in the database belong to the lost restore; FORCE (13 and later) ends them. */
function dropRestored(
  target: DatabaseConnection,
  jobId: string,
  timeout: Timeout,
): Promise<boolean> {
  return inMaintenanceDatabase(target, (maintenance) =>
    withClient(maintenance, timeout, async (client) => {
      try {
        const { rows } = await client.query<{ comment: string | null; version: string }>(
          `SELECT pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
                  pg_catalog.current_setting('server_version_num') AS version
             FROM pg_catalog.pg_database d WHERE d.datname = $1`,
          [target.database],
        );
        const [found] = rows;
        if (found === undefined || markedJobId(found.comment) !== jobId) return false;
        const name = quoteIdentifier(target.database);
        if (Number(found.version) >= 130_000) {
          await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        } else {
          await client.query(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1",
            [target.database],
          );
          await client.query(`DROP DATABASE IF EXISTS ${name}`);
        }
        return true;
      } catch (error) {
        throw toFaultError(error, {
          connection: target,
          otherwise: "RestoreFailed",
          object: `database ${target.database}`,
        });
      }
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
