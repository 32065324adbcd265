import { FaultError, fault } from "../../../domain/fault.ts";
import type { TocEntry } from "../archive/table-of-contents.ts";
import type { WireSession } from "./wire-port.ts";

/** Missing objects that a message names at most. */
const namedLimit = 10;

/** No index is invalid, and every constraint and index that the archive holds is there. */
export async function checkRestored(
  session: WireSession,
  promised: readonly TocEntry[],
  database: string,
): Promise<void> {
  const refuse = (detail: string): FaultError =>
    new FaultError(fault("RestoreFailed", { database, detail }));
  const invalid = await session.execute(
    `SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'i' AND NOT i.indisvalid`,
  );
  if (invalid.rows.length > 0) {
    const names = invalid.rows.slice(0, namedLimit).map((row) => row[0]?.toString());
    throw refuse(`invalid indexes: ${names.join(", ")}`);
  }
  const present = await readPresent(session);
  const missing = promised.filter((entry) => !present.has(keyOf(entry)));
  if (missing.length === 0) return;
  const names = missing
    .slice(0, namedLimit)
    .map((entry) =>
      [entry.description, entry.tag].map((bytes) => bytes?.toString("utf8") ?? "").join(" "),
    );
  throw refuse(`missing after the restore: ${names.join(", ")}`);
}

/** Tags of pg_dump: `table constraint` for constraints, the name alone for indexes. */
async function readPresent(session: WireSession): Promise<ReadonlySet<string>> {
  const { rows } = await session.execute(
    `SELECT n.nspname, c.relname || ' ' || k.conname FROM pg_catalog.pg_constraint k
       JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     UNION ALL
     SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('i', 'I')`,
  );
  return new Set(rows.map(([schema, name]) => joinKey(schema ?? null, name ?? null)));
}

const keyOf = (entry: TocEntry): string => joinKey(entry.namespace, entry.tag);

/** Bytes, whatever their encoding: both sides are in the dump's. pg_dump folds newlines in tags. */
const joinKey = (schema: Buffer | null, name: Buffer | null): string =>
  [schema, name].map((bytes) => foldNewlines(bytes?.toString("latin1") ?? "")).join("\0");

const foldNewlines = (text: string): string => text.replaceAll(/[\r\n]/g, " ");
