import type pg from "pg";
import { dumpedRelations, unreadableLargeObjectAcls } from "./catalog-text.ts";

/** Objects of one kind in one schema that are named one by one; more are told as a number. */
export const namedPerSchema = 20;
/** Rows that the query answers at most, over all schemas. */
const rowLimit = 2_000;

export type MissingRightKind = "schema" | "table" | "sequence" | "rowSecurity" | "largeObject";

/** One object that pg_dump would read and the role may not. */
export interface MissingRight {
  readonly kind: MissingRightKind;
  /** Empty for large objects. */
  readonly schema: string;
  /** Name of the relation or schema, or the oid of the large object. */
  readonly name: string;
  readonly owner: string;
  /** The extension whose configuration the relation holds. */
  readonly extension?: string;
  /** Objects of this kind missing in this schema; rows are at most `namedPerSchema` of them. */
  readonly total: number;
}

/**
 * Everything that the current role may not read, in one query. The privilege functions look into
 * the syscache, so that 50,000 relations cost a few hundred milliseconds. `row_security_active` is
 * the very check that COPY makes. Rows that vanish meanwhile answer null and drop out.
 */
const query = `
WITH dumped AS (${dumpedRelations}),
missing AS (
  SELECT 'schema' AS kind, nspname AS schema, nspname AS name, nspowner AS owner,
         NULL::pg_catalog.name AS extension, 1 AS part
    FROM dumped
   GROUP BY nspoid, nspname, nspowner
  HAVING NOT pg_catalog.has_schema_privilege(nspoid, 'USAGE')
  UNION ALL
  SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, nspname, relname, relowner, extname, 2
    FROM dumped
   WHERE NOT pg_catalog.has_table_privilege(oid, 'SELECT')
  UNION ALL
  SELECT 'rowSecurity', nspname, relname, relowner, extname, 3
    FROM dumped
   WHERE relkind = 'r' AND relrowsecurity AND pg_catalog.row_security_active(oid)
), placed AS (
  SELECT m.*, pg_catalog.row_number() OVER w AS place, pg_catalog.count(*) OVER (PARTITION BY kind, schema) AS total
    FROM missing m WINDOW w AS (PARTITION BY kind, schema ORDER BY name)
), blocked AS (${unreadableLargeObjectAcls}), objects AS (
  SELECT m.oid, m.lomowner, (SELECT pg_catalog.sum(objects) FROM blocked) AS total
    FROM blocked b
    JOIN pg_catalog.pg_largeobject_metadata m
      ON m.lomowner = b.lomowner AND m.lomacl IS NOT DISTINCT FROM b.lomacl
   ORDER BY m.oid LIMIT ${namedPerSchema}
)
SELECT * FROM (
  SELECT kind, schema::text, name::text, pg_catalog.pg_get_userbyid(owner)::text AS owner,
         extension::text, total::int, part
    FROM placed WHERE place <= ${namedPerSchema}
  UNION ALL
  SELECT 'largeObject', '', oid::text, pg_catalog.pg_get_userbyid(lomowner)::text, NULL, total::int, 4
    FROM objects
) found
ORDER BY part, schema, name
LIMIT ${rowLimit}`;

export async function findMissingRights(client: pg.Client): Promise<readonly MissingRight[]> {
  const { rows } = await client.query<MissingRightRow>(query);
  return rows.map(({ kind, schema, name, owner, extension, total }) => ({
    kind,
    schema,
    name,
    owner,
    total,
    ...(extension === null ? {} : { extension }),
  }));
}

interface MissingRightRow {
  readonly kind: MissingRightKind;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly extension: string | null;
  readonly total: number;
}
