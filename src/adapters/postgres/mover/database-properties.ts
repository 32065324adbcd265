import { FaultError, fault } from "../../../domain/fault.ts";
import { originalComment } from "../restore-marker.ts";
import type { WireSession } from "./wire-port.ts";

/**
 * What a database has beside its content. It lies in the archive and not in the manifest, for a
 * setting may hold a secret of the application: here it is encrypted where the archive is.
 */
export const propertiesFileName = "database.json";
/** The same as statements for psql. */
export const propertiesScriptName = "database.sql";

export interface DatabaseProperties {
  readonly owner: string;
  readonly comment?: string;
  /** Connections that the database takes at a time; absent: any number. */
  readonly connectionLimit?: number;
  /** Absent: those that every new database has. */
  readonly privileges?: readonly DatabasePrivilege[];
  readonly settings: readonly DatabaseSetting[];
}

export interface DatabasePrivilege {
  /** Absent: PUBLIC. */
  readonly grantee?: string;
  /** CONNECT, CREATE or TEMPORARY. */
  readonly privilege: string;
  /** WITH GRANT OPTION. */
  readonly grantable: boolean;
}

export interface DatabaseSetting {
  /** Whom it is for in this database; absent: everybody. */
  readonly role?: string;
  readonly name: string;
  /** As pg_db_role_setting stores it: elements of quoted lists are quoted. */
  readonly value: string;
}

export async function readDatabaseProperties(session: WireSession): Promise<DatabaseProperties> {
  const { rows } = await session.execute(propertiesSql);
  const text = rows[0]?.[0]?.toString("utf8") ?? "";
  // Nothing is left out by null: JSON of the server has every member.
  const found = JSON.parse(text) as Row;
  const comment = originalComment(found.comment);
  return {
    owner: found.owner,
    ...(comment === undefined ? {} : { comment }),
    ...(found.connectionLimit < 0 ? {} : { connectionLimit: found.connectionLimit }),
    ...(found.privileges === null ? {} : { privileges: found.privileges.map(presentPrivilege) }),
    settings: found.settings.map(({ role, name, value }) =>
      role === null ? { name, value } : { role, name, value },
    ),
  };
}

interface Row {
  readonly owner: string;
  readonly comment: string | null;
  readonly connectionLimit: number;
  readonly privileges:
    | readonly { grantee: string | null; privilege: string; grantable: boolean }[]
    | null;
  readonly settings: readonly { role: string | null; name: string; value: string }[];
}

const presentPrivilege = ({ grantee, ...rest }: NonNullable<Row["privileges"]>[number]) =>
  grantee === null ? rest : { grantee, ...rest };

/** Throws `RecoveryPointCorrupt` when it is none of ours. */
export function parseDatabaseProperties(text: string, recoveryPoint: string): DatabaseProperties {
  try {
    const value: unknown = JSON.parse(text);
    if (isProperties(value)) return value;
  } catch (cause) {
    throw corrupt(recoveryPoint, cause);
  }
  throw corrupt(recoveryPoint);
}

const isProperties = (value: unknown): value is DatabaseProperties =>
  typeof value === "object" &&
  value !== null &&
  "owner" in value &&
  typeof value.owner === "string" &&
  "settings" in value &&
  Array.isArray(value.settings);

const corrupt = (recoveryPoint: string, cause?: unknown): FaultError =>
  new FaultError(
    fault("RecoveryPointCorrupt", {
      recoveryPoint,
      detail: `${propertiesFileName} does not hold the properties of a database`,
    }),
    { cause },
  );

/** Several grantors of one privilege count as one; a dropped role has none. */
const propertiesSql = `
  SELECT pg_catalog.json_build_object(
    'owner', pg_catalog.pg_get_userbyid(d.datdba),
    'comment', pg_catalog.shobj_description(d.oid, 'pg_database'),
    'connectionLimit', d.datconnlimit,
    'privileges', CASE WHEN d.datacl IS NOT NULL THEN (
      SELECT coalesce(pg_catalog.json_agg(p), '[]') FROM (
        SELECT r.rolname AS grantee, a.privilege_type AS privilege,
          pg_catalog.bool_or(a.is_grantable) AS grantable
        FROM pg_catalog.aclexplode(d.datacl) a LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
        WHERE a.grantee = 0 OR r.oid IS NOT NULL
        GROUP BY 1, 2 ORDER BY r.rolname NULLS FIRST, 2) p) END,
    'settings', (
      SELECT coalesce(pg_catalog.json_agg(s), '[]') FROM (
        SELECT r.rolname AS role, pg_catalog.split_part(c.item, '=', 1) AS name,
          pg_catalog.substr(c.item, pg_catalog.strpos(c.item, '=') + 1) AS value
        FROM pg_catalog.pg_db_role_setting v
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = v.setrole,
        LATERAL pg_catalog.unnest(v.setconfig) WITH ORDINALITY AS c (item, place)
        WHERE v.setdatabase = d.oid AND (v.setrole = 0 OR r.oid IS NOT NULL)
        ORDER BY r.rolname NULLS FIRST, c.place) s))
  FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`;
