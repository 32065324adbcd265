import type { DumpSettings } from "../../../ports/data-mover.ts";
import { quoteLiteral } from "../sql-text.ts";
import { parseNamePattern } from "./name-pattern.ts";
import type { WireSession } from "./wire-port.ts";

/** A table that pg_dump will lock. */
export interface LockableTable {
  readonly oid: string;
  /** `schema.name`, quoted where needed, in the session's encoding. */
  readonly relation: Buffer;
  readonly fileNode: string;
}

/** A table whose rows a dump may have to read. */
export interface SourceTable extends LockableTable {
  /** Pages and bytes of the main fork. */
  readonly pages: number;
  /** Bytes with TOAST, an estimate of what is to be read. */
  readonly bytes: number;
  /** An ordinary table in the heap access method: its rows can be read by ranges of ctid. */
  readonly isHeap: boolean;
  /** `WHERE …` of an extension's configuration table. */
  readonly condition: string;
}

type Exclusions = Pick<DumpSettings, "excludeSchemas" | "excludeTables">;

/**
 * Ordinary and partitioned tables that pg_dump will lock: not temporary, not an extension's (but its
 * configuration tables), not excluded, and readable by us; pg_dump itself complains of the others.
 */
export async function listLockableTables(
  session: WireSession,
  exclusions: Exclusions,
): Promise<readonly LockableTable[]> {
  const { rows } = await session.execute(lockableTablesSql(exclusions));
  return rows.map(([oid, relation, fileNode]) => ({
    oid: oid?.toString("latin1") ?? "",
    relation: relation ?? Buffer.alloc(0),
    fileNode: fileNode?.toString("latin1") ?? "",
  }));
}

/** Sizes and nature of locked tables: measuring a table locks it too, and would wait. */
export async function measureTables(
  session: WireSession,
  tables: readonly LockableTable[],
  serverMajor: number,
): Promise<readonly SourceTable[]> {
  if (tables.length === 0) return [];
  const { rows } = await session.execute(measureSql(tables, serverMajor));
  const measured = new Map(rows.map((row) => [row[0]?.toString("latin1"), row]));
  return tables.map((table) => {
    const text = (index: number): string =>
      measured.get(table.oid)?.[index]?.toString("utf8") ?? "";
    return {
      ...table,
      pages: Number(text(1)),
      bytes: Number(text(2)),
      isHeap: text(3) === "t",
      condition: text(4),
    };
  });
}

/** Configuration tables of extensions with the condition that tells the user's rows. */
const configSql = `
  SELECT c.oid, pg_catalog.max(c.condition) AS condition
  FROM pg_catalog.pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) AS c (oid, condition)
  GROUP BY c.oid`;

const lockableTablesSql = (exclusions: Exclusions): string => `
  WITH config AS (${configSql})
  SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
    c.relfilenode
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN config ON config.oid = c.oid
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
    AND (config.oid IS NOT NULL OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
        AND d.deptype = 'e'))
    ${exclusionsSql(exclusions)}
  ORDER BY c.oid`;

const measureSql = (tables: readonly LockableTable[], serverMajor: number): string => `
  WITH config AS (${configSql})
  SELECT c.oid,
    CASE c.relkind WHEN 'r' THEN pg_catalog.pg_relation_size(c.oid) ELSE 0 END
      / pg_catalog.current_setting('block_size')::bigint,
    CASE c.relkind WHEN 'r' THEN pg_catalog.pg_table_size(c.oid) ELSE 0 END,
    c.relkind = 'r' AND ${isHeapSql(serverMajor)},
    coalesce(config.condition, '')
  FROM pg_catalog.pg_class c LEFT JOIN config ON config.oid = c.oid
  WHERE c.oid = ANY ('{${tables.map((table) => table.oid).join(",")}}')`;

/** Table access methods exist from PostgreSQL 12 on. */
const isHeapSql = (serverMajor: number): string =>
  serverMajor >= 12
    ? "c.relam = (SELECT a.oid FROM pg_catalog.pg_am a WHERE a.amname = 'heap')"
    : "true";

function exclusionsSql(exclusions: Exclusions): string {
  const schemas = (exclusions.excludeSchemas ?? []).map(
    (pattern) => `AND n.nspname !~ ${quoteLiteral(parseNamePattern(pattern).name)}`,
  );
  const tables = (exclusions.excludeTables ?? []).map((pattern) => {
    const { schema, name } = parseNamePattern(pattern);
    const matches = `c.relname ~ ${quoteLiteral(name)}`;
    return schema === undefined
      ? `AND NOT (${matches})`
      : `AND NOT (n.nspname ~ ${quoteLiteral(schema)} AND ${matches})`;
  });
  return [...schemas, ...tables].join("\n    ");
}
