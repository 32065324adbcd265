import type pg from "pg";
import { type DatabaseConnection, serverLabel } from "../../../domain/connection.ts";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { ManifestSource } from "../../../domain/manifest.ts";
import { type ConnectOptions, withClient } from "../connect.ts";
import { inMaintenanceDatabase } from "../maintenance-database.ts";
import { markedJobId, markStatement, originalComment, unmarkStatement } from "../restore-marker.ts";
import { quoteIdentifier, quoteLiteral } from "../sql-text.ts";
import { toFaultError } from "../translate-error.ts";

/** Runs `use` in another database of the target's server. */
export const withAdmin = <T>(
  target: DatabaseConnection,
  options: ConnectOptions,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> =>
  inMaintenanceDatabase(target, (maintenance) =>
    withClient(maintenance, options, async (client) => {
      try {
        return await use(client);
      } catch (error) {
        throw toFaultError(error, { connection: target, otherwise: "RestoreFailed" });
      }
    }),
  );

/** Created under this name and marked before it gets its own: a kill never leaves it unmarked. */
const provisionalName = (jobId: string): string => `pgvault-restore-${jobId}`;

/**
 * Creates the target database like the source, marked as this job's. What an earlier attempt of the
 * same job left behind is dropped first; any other database of that name is left alone.
 */
export async function createTarget(
  client: pg.Client,
  target: DatabaseConnection,
  jobId: string,
  source: ManifestSource,
): Promise<void> {
  await dropLeftovers(client, target.database, jobId);
  const existing = await client.query("SELECT FROM pg_catalog.pg_database WHERE datname = $1", [
    target.database,
  ]);
  if (existing.rowCount !== 0) {
    throw new FaultError(
      fault(
        "UserErrorDatabaseNameAlreadyInUse",
        { database: target.database, server: serverLabel(target) },
        { target: `database ${target.database}` },
      ),
    );
  }
  const name = provisionalName(jobId);
  const version = await serverVersionNumber(client);
  await client.query(`CREATE DATABASE ${quoteIdentifier(name)} ${createOptions(source, version)}`);
  await client.query(markStatement(name, jobId));
  await client.query(
    `ALTER DATABASE ${quoteIdentifier(name)} RENAME TO ${quoteIdentifier(target.database)}`,
  );
}

/** Everything that an attempt of this job may have left: true when the target was there. */
export async function dropLeftovers(
  client: pg.Client,
  database: string,
  jobId: string,
): Promise<boolean> {
  await dropDatabase(client, provisionalName(jobId));
  return await dropIfOurs(client, database, jobId);
}

/** Puts the comment that waits behind this job's mark in its place; false when it is not there. */
export async function unmark(client: pg.Client, database: string, jobId: string): Promise<boolean> {
  const comment = await commentOn(client, database);
  if (markedJobId(comment) !== jobId) return false;
  await client.query(unmarkStatement(database, originalComment(comment) ?? null));
  return true;
}

/** Drops the target if and only if its comment names this job. */
export async function dropIfOurs(
  client: pg.Client,
  database: string,
  jobId: string,
): Promise<boolean> {
  if (markedJobId(await commentOn(client, database)) !== jobId) return false;
  await dropDatabase(client, database);
  return true;
}

/** Null without a comment, undefined without the database. */
async function commentOn(client: pg.Client, database: string): Promise<string | null | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment
     FROM pg_catalog.pg_database WHERE datname = $1`,
    [database],
  );
  return rows[0]?.comment;
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  if ((await serverVersionNumber(client)) >= 130_000) {
    await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
    return;
  }
  await client.query(
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1",
    [name],
  );
  // DROP DATABASE itself waits up to five seconds for sessions that are on their way out.
  await client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`);
}

async function serverVersionNumber(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT pg_catalog.current_setting('server_version_num')::int AS version",
  );
  return rows[0]?.version ?? 0;
}

function createOptions(source: ManifestSource, serverVersionNumber: number): string {
  const options = [
    "TEMPLATE = template0",
    `ENCODING = ${quoteLiteral(source.encoding)}`,
    `LC_COLLATE = ${quoteLiteral(source.collate)}`,
    `LC_CTYPE = ${quoteLiteral(source.ctype)}`,
  ];
  const { localeProvider: provider, icuLocale: locale } = source;
  if (serverVersionNumber >= 150_000 && provider !== undefined) {
    options.push(`LOCALE_PROVIDER = ${provider}`);
    if (locale !== undefined && provider === "icu") {
      options.push(`ICU_LOCALE = ${quoteLiteral(locale)}`);
    }
    if (locale !== undefined && provider === "builtin") {
      options.push(`BUILTIN_LOCALE = ${quoteLiteral(locale)}`);
    }
  }
  return options.join(" ");
}
