import type { DatabaseConnection } from "../../../domain/connection.ts";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { DumpSettings } from "../../../ports/data-mover.ts";
import { shapeOfError, sqlStateOf } from "../error-shape.ts";
import { lockNotAvailable, toFaultError } from "../translate-error.ts";
import {
  type LockableTable,
  listLockableTables,
  measureTables,
  type SourceTable,
} from "./source-tables.ts";
import type { WireSession } from "./wire-port.ts";

/** The snapshot that a whole dump reads, held by the session that exported it. */
export interface DumpSnapshot {
  readonly snapshotId: string;
  /** ISO instant. */
  readonly takenAt: string;
  /** All locked by the exporting session until its transaction ends. */
  readonly tables: ReadonlyMap<string, SourceTable>;
}

export interface SnapshotOptions {
  readonly connection: DatabaseConnection;
  readonly settings: Pick<DumpSettings, "excludeSchemas" | "excludeTables">;
  readonly serverMajor: number;
  /** How long a table may stay locked by somebody else. */
  readonly lockWaitMs: number;
}

/** Tables may come and go between our look and our locks; we look again this often. */
const attemptLimit = 10;
const tablesPerLock = 200;

/**
 * Locks every table and only then takes the snapshot: TRUNCATE and rewriting ALTER TABLE are not
 * safe under snapshots, so one that slipped in between would empty the table for us. (pg_dump takes
 * its snapshot first and has that gap.) LOCK TABLE itself takes no snapshot.
 */
export async function takeSnapshot(
  session: WireSession,
  options: SnapshotOptions,
): Promise<DumpSnapshot> {
  for (let attempt = 1; attempt <= attemptLimit; attempt += 1) {
    const snapshot = await tryOnce(session, options);
    if (snapshot !== undefined) return snapshot;
    await session.execute("ROLLBACK");
  }
  throw new FaultError(
    fault("DumpFailed", {
      database: options.connection.database,
      detail: `tables were created, dropped or rewritten during each of ${attemptLimit} attempts to lock them all`,
    }),
  );
}

async function tryOnce(
  session: WireSession,
  options: SnapshotOptions,
): Promise<DumpSnapshot | undefined> {
  const before = await listLockableTables(session, options.settings);
  await session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (!(await lockAll(session, before, options))) return undefined;
  const listed = await listLockableTables(session, options.settings);
  const locked = new Set(before.map((table) => table.oid));
  const added = listed.filter((table) => !locked.has(table.oid));
  if (!(await lockAll(session, added, options))) return undefined;
  if (await anyRewritten(session, added)) return undefined;
  const tables = await measureTables(session, listed, options.serverMajor);
  const { rows } = await session.execute(
    `SELECT pg_catalog.pg_export_snapshot(), pg_catalog.to_char(
       pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  );
  return {
    snapshotId: rows[0]?.[0]?.toString() ?? "",
    takenAt: rows[0]?.[1]?.toString() ?? "",
    tables: new Map(tables.map((table) => [table.oid, table])),
  };
}

/** False when a table is gone meanwhile. */
async function lockAll(
  session: WireSession,
  tables: readonly LockableTable[],
  options: SnapshotOptions,
): Promise<boolean> {
  try {
    await session.execute(`SET LOCAL lock_timeout = ${options.lockWaitMs}`);
    for (let start = 0; start < tables.length; start += tablesPerLock) {
      await session.execute(lockStatement(tables.slice(start, start + tablesPerLock)));
    }
    await session.execute("SET LOCAL lock_timeout = 0");
    return true;
  } catch (error) {
    const state = sqlStateOf(shapeOfError(error));
    if (state === "42P01" || state === "3F000") return false;
    throw state === "55P03"
      ? await nameLocked(session, tables, options)
      : toFaultError(error, { connection: options.connection, otherwise: "DumpFailed" });
  }
}

export const lockStatement = (tables: readonly Pick<LockableTable, "relation">[]): Buffer =>
  Buffer.concat([
    Buffer.from("LOCK TABLE ONLY "),
    ...tables.flatMap(({ relation }, index) =>
      index === 0 ? [relation] : [Buffer.from(", ONLY "), relation],
    ),
    Buffer.from(" IN ACCESS SHARE MODE"),
  ]);

/** Relation files that changed since the snapshot, though the table was not yet locked then. */
async function anyRewritten(
  session: WireSession,
  tables: readonly LockableTable[],
): Promise<boolean> {
  if (tables.length === 0) return false;
  const pairs = tables.map(({ oid, fileNode }) => `(${oid}, ${fileNode})`).join(", ");
  const { rows } = await session.execute(
    `SELECT FROM (VALUES ${pairs}) AS t (oid, node)
     WHERE node <> 0 AND pg_catalog.pg_relation_filenode(t.oid::pg_catalog.oid) <> t.node`,
  );
  return rows.length > 0;
}

/** The server does not say which of many tables it waited for: ask one by one, without waiting. */
async function nameLocked(
  session: WireSession,
  tables: readonly LockableTable[],
  { connection, lockWaitMs }: SnapshotOptions,
): Promise<FaultError> {
  const context = { connection, otherwise: "DumpFailed" as const };
  for (const table of tables) {
    await session.execute("ROLLBACK");
    await session.execute("BEGIN READ ONLY");
    try {
      await session.execute(Buffer.concat([lockStatement([table]), Buffer.from(" NOWAIT")]));
    } catch {
      const object = `Table ${table.relation.toString()}`;
      const detail = `no lock within ${lockWaitMs} ms`;
      return new FaultError(lockNotAvailable(detail, { ...context, object }));
    }
  }
  return new FaultError(lockNotAvailable(`no lock within ${lockWaitMs} ms`, context));
}
