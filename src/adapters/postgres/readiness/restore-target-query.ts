import type pg from "pg";
import type { ManifestSource } from "../../../domain/manifest.ts";

/** What the target server says about the things that a recovery point needs. */
export interface TargetReading {
  readonly databaseExists: boolean;
  /** The comment on a database of that name. */
  readonly databaseComment: string | null;
  readonly localeAvailable: boolean;
  readonly tablespaces: readonly { readonly name: string; readonly mayCreate: boolean }[];
  readonly extensions: readonly ExtensionReading[];
  /** Azure's allow-list of extensions; null on other servers. */
  readonly allowedExtensions: readonly string[] | null;
}

export interface ExtensionReading {
  readonly name: string;
  readonly needsSuperuser: boolean;
}

/**
 * Locales are compared as initdb normalises them (`en_US.UTF-8` = `en_US.utf8`): those of the other
 * databases and those that pg_collation lists from the operating system. `trusted` exists from 13 on.
 */
const query = `
WITH wanted AS (SELECT $1::text AS database, $2::text[] AS locales, $3::text[] AS extensions, $4::text[] AS tablespaces),
known AS (
  SELECT datcollate AS locale FROM pg_catalog.pg_database
  UNION SELECT datctype FROM pg_catalog.pg_database
  UNION SELECT collcollate FROM pg_catalog.pg_collation WHERE collcollate IS NOT NULL
  UNION SELECT unnest(ARRAY['C', 'POSIX'])
)
SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_database d WHERE d.datname = w.database) > 0 AS database_exists,
       (SELECT pg_catalog.shobj_description(d.oid, 'pg_database')
          FROM pg_catalog.pg_database d WHERE d.datname = w.database) AS database_comment,
       NOT EXISTS (SELECT FROM unnest(w.locales) l WHERE NOT EXISTS (
         SELECT FROM known k WHERE pg_catalog.replace(pg_catalog.lower(k.locale), '-', '')
                                 = pg_catalog.replace(pg_catalog.lower(l), '-', ''))) AS locale_available,
       (SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', t.spcname,
                 'mayCreate', pg_catalog.has_tablespace_privilege(t.oid, 'CREATE'))), '[]')
          FROM pg_catalog.pg_tablespace t WHERE t.spcname = ANY (w.tablespaces)) AS tablespaces,
       (SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', a.name, 'needsSuperuser',
                 COALESCE((SELECT pg_catalog.bool_and(v.superuser AND NOT COALESCE((pg_catalog.to_jsonb(v) ->> 'trusted')::boolean, false))
                             FROM pg_catalog.pg_available_extension_versions v WHERE v.name = a.name), false))), '[]')
          FROM pg_catalog.pg_available_extensions a WHERE a.name = ANY (w.extensions)) AS extensions,
       pg_catalog.current_setting('azure.extensions', true) AS allowed_extensions
  FROM wanted w`;

export async function readRestoreTarget(
  client: pg.Client,
  database: string,
  source: ManifestSource,
): Promise<TargetReading> {
  const { rows } = await client.query<TargetRow>(query, [
    database,
    [source.collate, source.ctype],
    (source.extensions ?? []).map((extension) => extension.name),
    source.tablespaces ?? [],
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error("the query about the restore target answered no row");
  return {
    databaseExists: row.database_exists,
    databaseComment: row.database_comment,
    localeAvailable: row.locale_available,
    tablespaces: row.tablespaces,
    extensions: row.extensions,
    allowedExtensions:
      row.allowed_extensions === null
        ? null
        : row.allowed_extensions.split(",").map((name) => name.trim().toLowerCase()),
  };
}

interface TargetRow {
  readonly database_exists: boolean;
  readonly database_comment: string | null;
  readonly locale_available: boolean;
  readonly tablespaces: TargetReading["tablespaces"];
  readonly extensions: readonly ExtensionReading[];
  readonly allowed_extensions: string | null;
}
