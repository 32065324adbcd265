import { doBlock, quoteIdentifier, quoteLiteral } from "../sql-text.ts";
import { defaultPrivileges } from "./grant-blocks.ts";

/** The counterpart of the grant script: whatever it may have given, in whichever way, is taken back. */
export const revokeStatements = (
  database: string,
  role: string,
  serverMajor: number,
  owners: readonly string[],
): readonly string[] => [
  "-- Objects to come:",
  defaultPrivileges("REVOKE", role, serverMajor, owners),
  "-- Schemas, tables, sequences and large objects that are there:",
  revokeObjects(role),
  "-- The role itself:",
  revokeAttributes(role, serverMajor),
  `REVOKE CONNECT ON DATABASE ${quoteIdentifier(database)} FROM ${quoteIdentifier(role)};`,
];

/** Only what was granted to the role itself; what it owns or has through others stays. */
const revokeObjects = (role: string): string =>
  doBlock(`DECLARE
  for_role CONSTANT text := ${quoteLiteral(role)};
  granteeoid oid;
  o record;
BEGIN
  SELECT r.oid INTO STRICT granteeoid FROM pg_catalog.pg_roles r WHERE r.rolname = for_role;
  FOR o IN
    SELECT pg_catalog.format('REVOKE SELECT ON %I.%I FROM %I', n.nspname, c.relname, for_role) AS statement
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
       AND n.nspname <> 'information_schema' AND c.relowner <> granteeoid
       AND EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) g
                    WHERE g.grantee = granteeoid AND g.privilege_type = 'SELECT')
    UNION ALL
    SELECT pg_catalog.format('REVOKE SELECT ON LARGE OBJECT %s FROM %I', m.oid, for_role)
      FROM pg_catalog.pg_largeobject_metadata m
     WHERE m.lomowner <> granteeoid
       AND EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) g
                    WHERE g.grantee = granteeoid AND g.privilege_type = 'SELECT')
    UNION ALL
    SELECT pg_catalog.format('REVOKE USAGE ON SCHEMA %I FROM %I', n.nspname, for_role)
      FROM pg_catalog.pg_namespace n
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspowner <> granteeoid
       AND EXISTS (SELECT FROM pg_catalog.aclexplode(n.nspacl) g
                    WHERE g.grantee = granteeoid AND g.privilege_type = 'USAGE')
  LOOP
    BEGIN
      EXECUTE o.statement;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING '%: %', o.statement, SQLERRM;
    END;
  END LOOP;
END`);

const revokeAttributes = (role: string, serverMajor: number): string =>
  doBlock(`BEGIN
${serverMajor >= 14 ? `  REVOKE pg_read_all_data FROM ${quoteIdentifier(role)};\n` : ""}  ALTER ROLE ${quoteIdentifier(role)} NOBYPASSRLS;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'attributes and memberships of the role stay: %', SQLERRM;
END`);
