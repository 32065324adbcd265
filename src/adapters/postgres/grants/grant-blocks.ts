import { doBlock, quoteIdentifier, quoteLiteral } from "../sql-text.ts";

/** Schemas whose relations a backup reads. */
const userSchemas = `SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY n.nspname`;

/** Roles that own something there: what they create later must be readable too. */
const owningRoles = (
  role: string,
  extra: readonly string[],
): string => `SELECT r.rolname FROM pg_catalog.pg_roles r
     WHERE r.rolname <> ${quoteLiteral(role)} AND r.rolname !~ '^pg_'
       AND (r.rolname = ANY (ARRAY[${extra.map(quoteLiteral).join(", ")}]::pg_catalog.text[])
         OR r.oid IN (SELECT c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
         OR r.oid IN (SELECT n.nspowner FROM pg_catalog.pg_namespace n
                       WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
         OR r.oid = (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
     ORDER BY r.rolname`;

/** All tables, sequences and schemas, present and future: one predefined role where there is one. */
export const readEverything = (role: string, serverMajor = 14): string =>
  serverMajor >= 14
    ? `GRANT pg_read_all_data TO ${quoteIdentifier(role)};`
    : `${schemaGrants(role)}\n${defaultPrivileges("GRANT", role, serverMajor, [])}`;

/**
 * USAGE on every schema, SELECT on every table and sequence in it. Where one statement for a whole
 * schema is refused (objects of several owners), object by object; what the runner may not grant is
 * told as a warning and the rest goes on.
 */
export const schemaGrants = (role: string): string =>
  doBlock(`DECLARE
  for_role CONSTANT text := ${quoteLiteral(role)};
  s record;
  o record;
BEGIN
  FOR s IN ${userSchemas} LOOP
    BEGIN
      EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', s.nspname, for_role);
      EXECUTE pg_catalog.format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', s.nspname, for_role);
      EXECUTE pg_catalog.format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', s.nspname, for_role);
    EXCEPTION WHEN insufficient_privilege THEN
      IF NOT pg_catalog.has_schema_privilege(for_role, s.oid, 'USAGE') THEN
        BEGIN
          EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', s.nspname, for_role);
        EXCEPTION WHEN insufficient_privilege THEN
          RAISE WARNING 'schema %: %', s.nspname, SQLERRM;
        END;
      END IF;
      FOR o IN SELECT c.relname FROM pg_catalog.pg_class c
                WHERE c.relnamespace = s.oid AND c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f')
                  AND NOT pg_catalog.has_table_privilege(for_role, c.oid, 'SELECT') LOOP
        BEGIN
          EXECUTE pg_catalog.format('GRANT SELECT ON %I.%I TO %I', s.nspname, o.relname, for_role);
        EXCEPTION WHEN insufficient_privilege THEN
          RAISE WARNING '%.%: %', s.nspname, o.relname, SQLERRM;
        END;
      END LOOP;
    END;
  END LOOP;
END`);

/**
 * What each owning role creates from now on, also in schemas yet to come: Azure's own script covers
 * only what the role that ran it creates. Schemas from 10 on, large objects from 18 on.
 */
export function defaultPrivileges(
  verb: "GRANT" | "REVOKE",
  role: string,
  serverMajor: number,
  owners: readonly string[],
): string {
  const rights = [
    ...(serverMajor >= 10 ? ["USAGE ON SCHEMAS"] : []),
    "SELECT ON TABLES",
    "SELECT ON SEQUENCES",
    ...(serverMajor >= 18 ? ["SELECT ON LARGE OBJECTS"] : []),
  ];
  const statements = rights
    .map(
      (right) =>
        `      EXECUTE pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I ${verb} ${right} ${direction(verb)} %I', o.rolname, for_role);`,
    )
    .join("\n");
  return doBlock(`DECLARE
  for_role CONSTANT text := ${quoteLiteral(role)};
  o record;
BEGIN
  FOR o IN ${owningRoles(role, owners)} LOOP
    BEGIN
${statements}
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'objects that role % will create: %; run this script as that role too', o.rolname, SQLERRM;
    END;
  END LOOP;
END`);
}

export const direction = (verb: "GRANT" | "REVOKE"): "TO" | "FROM" =>
  verb === "GRANT" ? "TO" : "FROM";

/** SELECT on each large object that the role may not read by now; pg_read_all_data leaves them out. */
export const largeObjectGrants = (role: string): string =>
  doBlock(`DECLARE
  for_role CONSTANT text := ${quoteLiteral(role)};
  o record;
BEGIN
  FOR o IN SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m
            WHERE NOT EXISTS (
              SELECT FROM pg_catalog.aclexplode(COALESCE(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) g
               WHERE g.privilege_type = 'SELECT'
                 AND (g.grantee = 0 OR pg_catalog.pg_has_role(for_role, g.grantee, 'USAGE'))) LOOP
    BEGIN
      EXECUTE pg_catalog.format('GRANT SELECT ON LARGE OBJECT %s TO %I', o.oid, for_role);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'large object %: %', o.oid, SQLERRM;
    END;
  END LOOP;
END`);
