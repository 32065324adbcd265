import type { GrantScript, GrantScriptRequest } from "../../../ports/database-server.ts";
import { doBlock, quoteIdentifier, quoteLiteral } from "../sql-text.ts";
import {
  defaultPrivileges,
  largeObjectGrants,
  readEverything,
  schemaGrants,
} from "./grant-blocks.ts";
import { powerShellScript } from "./powershell-script.ts";
import { revokeStatements } from "./revoke-blocks.ts";

/**
 * Everything that a backup needs to read. Where Azure's own script fails: names are quoted, system
 * schemas left out, default privileges set for every owning role, large objects and row-level
 * security covered, and on 14 and later one predefined role instead of thousands of grants.
 */
export function grantScript(request: GrantScriptRequest): GrantScript {
  const sql = join([title("Lets", request), rightDatabase(request.database), ...grants(request)]);
  const revokeSql = join([
    title("Stops letting", request),
    rightDatabase(request.database),
    ...revokeStatements(request.database, request.role, request.serverMajor, request.owners ?? []),
  ]);
  return {
    sql,
    powerShell: powerShellScript(request.database, sql),
    revokeSql,
    revokePowerShell: powerShellScript(request.database, revokeSql),
  };
}

function grants({ database, role, serverMajor, owners }: GrantScriptRequest): readonly string[] {
  const objects = schemaGrants(role);
  const future = defaultPrivileges("GRANT", role, serverMajor, owners ?? []);
  return [
    `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(role)};`,
    ...(serverMajor >= 14
      ? ["-- All tables, sequences and schemas, those to come included:", readAllOr(role)]
      : ["-- All schemas, tables and sequences that are there:", objects]),
    ...(serverMajor >= 14 ? [onlyWithoutReadAll(role, objects)] : []),
    ...(serverMajor >= 14 ? [onlyWithoutReadAll(role, future)] : ["-- Those to come:", future]),
    "-- Large objects; run this script again when new ones belong to other roles:",
    largeObjectGrants(role),
    "-- Row-level security hides rows, and pg_dump refuses a part of a table:",
    bypassRowSecurity(role),
  ];
}

/** pg_read_all_data may be granted by a superuser or a member with admin option only. */
const readAllOr = (role: string): string =>
  doBlock(`BEGIN
  ${readEverything(role)}
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'pg_read_all_data cannot be granted (%); granting object by object', SQLERRM;
END`);

/** Runs a block unless the role is a member of pg_read_all_data by now. */
const onlyWithoutReadAll = (role: string, block: string): string =>
  doBlock(`BEGIN
  IF NOT pg_catalog.pg_has_role(${quoteLiteral(role)}, 'pg_read_all_data', 'USAGE') THEN
    EXECUTE ${quoteLiteralLines(block)};
  END IF;
END`);

/** A literal that keeps its lines; the blocks hold no control characters besides. */
const quoteLiteralLines = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const bypassRowSecurity = (role: string): string =>
  doBlock(`BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.relrowsecurity)
     AND NOT (SELECT r.rolbypassrls OR r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = ${quoteLiteral(role)}) THEN
    ALTER ROLE ${quoteIdentifier(role)} BYPASSRLS;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'a superuser must run: ALTER ROLE % BYPASSRLS (%)', pg_catalog.quote_ident(${quoteLiteral(role)}), SQLERRM;
END`);

const title = (verb: string, { database, role, serverMajor }: GrantScriptRequest): string =>
  `-- pgvault: ${verb} role ${quoteIdentifier(role)} read database ${quoteIdentifier(database)} (PostgreSQL ${serverMajor}).
-- Run it connected to that database as an administrator, with ON_ERROR_STOP. It may be run again.`;

const rightDatabase = (database: string): string =>
  doBlock(`BEGIN
  IF pg_catalog.current_database() <> ${quoteLiteral(database)} THEN
    RAISE EXCEPTION 'connected to database %, but this script is for %', pg_catalog.current_database(), ${quoteLiteral(database)};
  END IF;
END`);

const join = (parts: readonly string[]): string => `${parts.join("\n\n")}\n`;
