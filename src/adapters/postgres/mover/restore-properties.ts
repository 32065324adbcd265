import type pg from "pg";
import type { RestoreRequest } from "../../../ports/data-mover.ts";
import { type ConnectOptions, withClient } from "../connect.ts";
import { shapeOfError, sqlStateOf } from "../error-shape.ts";
import { markStatement } from "../restore-marker.ts";
import { quoteIdentifier } from "../sql-text.ts";
import {
  type DatabaseProperties,
  parseDatabaseProperties,
  propertiesFileName,
} from "./database-properties.ts";
import { type DatabaseStatement, databaseStatements } from "./database-statements.ts";
import { unlimitedTime } from "./open-session.ts";
import type { SegmentReader } from "./segment-reader.ts";
import { withAdmin } from "./target-database.ts";
import { readSmallFile } from "./toc-folder.ts";

/** Refusals told one by one; what follows is counted. */
const warningLimit = 50;

/**
 * Gives the filled database the properties of its source: last, since they would get in the way of
 * the restore itself (a read-only default, a time limit, another owner). Whatever the server refuses
 * becomes a warning. The source's comment goes behind the job's mark, which stays.
 */
export async function restoreProperties(
  reader: SegmentReader,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { archive, settings, target, jobId } = request;
  // Recovery points of the first versions have none.
  if (!archive.files.some((file) => file.name === propertiesFileName)) return [];
  const bytes = await readSmallFile(reader, request, propertiesFileName);
  const properties = parseDatabaseProperties(bytes.toString("utf8"), request.recoveryPointId);
  const options = {
    jobId,
    signal,
    otherwise: "RestoreFailed" as const,
    sessionOptions: unlimitedTime,
  };
  const refusals = await withClient(target, options, (client) =>
    applyProperties(client, request, properties),
  );
  const { comment } = properties;
  if (settings.keepComments && comment !== undefined) {
    refusals.push(...(await markWithComment(request, options, comment)));
  }
  const untold = refusals.length - warningLimit;
  return untold <= 0
    ? refusals
    : [
        ...refusals.slice(0, warningLimit),
        `${untold} more properties of the database were refused.`,
      ];
}

/** Connected to the database itself, so that names in its settings come in its own encoding. */
async function applyProperties(
  client: pg.Client,
  { target, jobId, settings }: RestoreRequest,
  properties: DatabaseProperties,
): Promise<string[]> {
  const refusals: string[] = [];
  const kinds: ReadonlySet<DatabaseStatement["kind"]> = new Set([
    "setting",
    "limit",
    ...(settings.keepOwners ? (["owner"] as const) : []),
    ...(settings.keepPrivileges ? (["privilege"] as const) : []),
  ]);
  await client.query("BEGIN");
  for (const statement of databaseStatements(properties, quoteIdentifier(target.database))) {
    if (!kinds.has(statement.kind)) continue;
    const refusal = await attempt(client, async () => {
      await client.query(statement.sql);
      // Only an owner may take the mark off or drop the database: it must not get out of our hands.
      if (statement.kind === "owner") await client.query(markStatement(target.database, jobId));
    });
    if (refusal !== undefined) refusals.push(presentRefusal(statement.label, refusal));
  }
  await client.query("COMMIT");
  return refusals;
}

/** From another database, as the mark is read there; text that has no form there is no failure. */
async function markWithComment(
  { target, jobId }: RestoreRequest,
  options: ConnectOptions,
  comment: string,
): Promise<readonly string[]> {
  const refusal = await withAdmin(target, options, async (client) => {
    await client.query("BEGIN");
    const refused = await attempt(client, () =>
      client.query(markStatement(target.database, jobId, comment)),
    );
    await client.query("COMMIT");
    return refused;
  });
  const label = `COMMENT ON DATABASE ${quoteIdentifier(target.database)}`;
  return refusal === undefined ? [] : [presentRefusal(label, refusal)];
}

const presentRefusal = (statement: string, message: string): string =>
  `${statement} was refused: ${message}.`;

/** The server's message when it refuses; anything else that goes wrong rejects. */
async function attempt(
  client: pg.Client,
  use: () => Promise<unknown>,
): Promise<string | undefined> {
  await client.query("SAVEPOINT property");
  try {
    await use();
    await client.query("RELEASE property");
    return undefined;
  } catch (error) {
    const shape = shapeOfError(error);
    const state = sqlStateOf(shape);
    if (state === undefined || passing.has(state.slice(0, 2))) throw error;
    await client.query("ROLLBACK TO property");
    return shape.message;
  }
}

/** Classes of SQLSTATE that say nothing about the statement: lost, deadlocked, out of room, ended. */
const passing: ReadonlySet<string> = new Set(["08", "40", "53", "57", "58"]);
