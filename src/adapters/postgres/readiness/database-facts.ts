import type pg from "pg";
import type { DatabaseFacts } from "../../../ports/database-server.ts";
import { majorOf, versionText } from "../server-version.ts";
import { dumpedRelations } from "./catalog-text.ts";

/** Facts that a manifest and a report carry, and those that only the checks need. */
export interface ServerReading {
  readonly facts: DatabaseFacts;
  readonly isTemplate: boolean;
  readonly canCreateDatabase: boolean;
  /** Locks that all sessions together may hold: the documented size of the lock table. */
  readonly lockCapacity: number;
  readonly maxLocksPerTransaction: number;
}

/**
 * One row about server, database and role. Columns that come and go with versions (locale provider
 * from 15, datlocale from 17) are read through JSON, so that one text serves all versions.
 */
const query = `
WITH dumped AS (${dumpedRelations})
SELECT pg_catalog.current_setting('server_version_num')::int AS version_number,
       pg_catalog.pg_is_in_recovery() AS is_standby,
       d.datistemplate AS is_template,
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       d.datcollate AS collate,
       d.datctype AS ctype,
       pg_catalog.to_jsonb(d) ->> 'datlocprovider' AS locale_provider,
       COALESCE(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') AS icu_locale,
       pg_catalog.pg_database_size(d.oid)::text AS database_bytes,
       r.rolsuper AS is_superuser,
       r.rolcreatedb OR r.rolsuper AS can_create_database,
       pg_catalog.current_setting('max_locks_per_transaction')::int AS max_locks,
       pg_catalog.current_setting('max_connections')::int
         + pg_catalog.current_setting('max_prepared_transactions')::int AS sessions,
       (SELECT pg_catalog.count(*) FROM dumped)::int AS relations,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata)::int AS large_objects,
       (SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                 'name', e.extname, 'version', e.extversion) ORDER BY e.extname), '[]')
          FROM pg_catalog.pg_extension e WHERE e.oid >= 16384) AS extensions,
       (SELECT COALESCE(pg_catalog.jsonb_agg(t.spcname ORDER BY t.spcname), '[]')
          FROM pg_catalog.pg_tablespace t
         WHERE t.spcname NOT IN ('pg_default', 'pg_global')
           AND (t.oid = d.dattablespace
             OR t.oid IN (SELECT c.reltablespace FROM pg_catalog.pg_class c))) AS tablespaces
  FROM pg_catalog.pg_database d, pg_catalog.pg_roles r
 WHERE d.datname = pg_catalog.current_database() AND r.rolname = current_user`;

export async function readDatabase(client: pg.Client): Promise<ServerReading> {
  const { rows } = await client.query<DatabaseRow>(query);
  const [row] = rows;
  if (row === undefined) throw new Error("pg_database has no row for the current database");
  const serverVersion = versionText(row.version_number);
  return {
    facts: {
      serverVersion,
      serverMajor: majorOf(serverVersion),
      encoding: row.encoding,
      collate: row.collate,
      ctype: row.ctype,
      ...(row.locale_provider === null ? {} : { localeProvider: row.locale_provider }),
      ...(row.icu_locale === null ? {} : { icuLocale: row.icu_locale }),
      databaseBytes: Number(row.database_bytes),
      extensions: row.extensions,
      tablespaces: row.tablespaces,
      isStandby: row.is_standby,
      isSuperuser: row.is_superuser,
      relations: row.relations,
      largeObjects: row.large_objects,
    },
    isTemplate: row.is_template,
    canCreateDatabase: row.can_create_database,
    lockCapacity: row.max_locks * row.sessions,
    maxLocksPerTransaction: row.max_locks,
  };
}

interface DatabaseRow {
  readonly version_number: number;
  readonly is_standby: boolean;
  readonly is_template: boolean;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly locale_provider: string | null;
  readonly icu_locale: string | null;
  readonly database_bytes: string;
  readonly is_superuser: boolean;
  readonly can_create_database: boolean;
  readonly max_locks: number;
  readonly sessions: number;
  readonly relations: number;
  readonly large_objects: number;
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  readonly tablespaces: readonly string[];
}
