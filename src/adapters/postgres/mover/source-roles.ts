import type { WireSession } from "./wire-port.ts";

export const rolesFileName = "roles.sql";

/**
 * Roles that own or may use something in this database, and the roles that they are members of, as
 * statements that an administrator without superuser rights may run: no passwords, no attributes
 * that only a superuser may give, none of PostgreSQL's or the cloud's own roles. Run it again
 * without harm.
 */
export async function readRoles(session: WireSession): Promise<string> {
  const { rows } = await session.execute(rolesSql);
  return [
    "-- Roles used by the database, without passwords: give them with ALTER ROLE … PASSWORD.",
    ...rows.map((row) => row[0]?.toString("utf8") ?? ""),
    "",
  ].join("\n");
}

/** Roles that the makers of servers create for themselves. */
const reserved = "^(pg_|azure|replication$|rds|cloudsql|postgres$)";

const rolesSql = `
  WITH RECURSIVE used AS (
    SELECT DISTINCT d.refobjid AS oid FROM pg_catalog.pg_shdepend d
    WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
      AND d.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
      AND (d.dbid <> 0 OR d.objid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
    UNION SELECT s.setrole FROM pg_catalog.pg_db_role_setting s
    WHERE s.setrole <> 0
      AND s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    UNION SELECT m.roleid FROM used JOIN pg_catalog.pg_auth_members m ON m.member = used.oid
  ), roles AS (
    SELECT r.* FROM pg_catalog.pg_roles r JOIN used ON used.oid = r.oid WHERE r.rolname !~ '${reserved}'
  )
  SELECT statement FROM (
    SELECT 1 AS step, rolname, pg_catalog.format(
      'DO $role$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %L) THEN CREATE ROLE %I %s %s %s %s; END IF; END $role$;',
      rolname, rolname,
      CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
      CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
      CASE WHEN rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
      CASE WHEN rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END) AS statement
    FROM roles
    UNION ALL
    SELECT 2, parent.rolname, pg_catalog.format('GRANT %I TO %I%s;', parent.rolname, member.rolname,
      CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END)
    FROM pg_catalog.pg_auth_members m JOIN roles parent ON parent.oid = m.roleid
    JOIN roles member ON member.oid = m.member
  ) AS statements ORDER BY step, rolname, statement`;
