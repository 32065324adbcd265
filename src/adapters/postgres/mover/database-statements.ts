import { quoteIdentifier, quoteLiteral } from "../sql-text.ts";
import type {
  DatabasePrivilege,
  DatabaseProperties,
  DatabaseSetting,
} from "./database-properties.ts";

export interface DatabaseStatement {
  readonly kind: "setting" | "limit" | "owner" | "privilege" | "comment";
  readonly sql: string;
  /** The statement for people: without the value of a setting, which may be a secret. */
  readonly label: string;
}

/**
 * Gives a database its properties, in an order in which each statement may still be run: privileges
 * after the owner, who would take over what was granted to somebody else.
 * @param database its name as SQL: quoted, or a variable of psql
 */
export function databaseStatements(
  properties: DatabaseProperties,
  database: string,
): readonly DatabaseStatement[] {
  const { owner, comment, connectionLimit, settings } = properties;
  const plain = (kind: DatabaseStatement["kind"], sql: string) => ({ kind, sql, label: sql });
  return [
    ...settings.map((setting) => settingStatement(setting, database)),
    ...(connectionLimit === undefined
      ? []
      : [plain("limit", `ALTER DATABASE ${database} CONNECTION LIMIT ${connectionLimit}`)]),
    plain("owner", `ALTER DATABASE ${database} OWNER TO ${quoteIdentifier(owner)}`),
    ...privilegeStatements(properties, database).map((sql) => plain("privilege", sql)),
    ...(comment === undefined
      ? []
      : [plain("comment", `COMMENT ON DATABASE ${database} IS ${quoteLiteral(comment)}`)]),
  ];
}

function settingStatement(setting: DatabaseSetting, database: string): DatabaseStatement {
  const { role, name } = setting;
  const subject =
    role === undefined
      ? `ALTER DATABASE ${database}`
      : `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${database}`;
  const head = `${subject} SET ${quoteIdentifier(name)} TO`;
  return { kind: "setting", sql: `${head} ${settingValue(setting)}`, label: `${head} …` };
}

/** Their stored elements are quoted already (GUC_LIST_QUOTE); as in pg_dump, no others are known. */
const quotedLists: ReadonlySet<string> = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/** As pg_dump's `makeAlterConfigCommand`: each element of a quoted list is a literal of its own. */
function settingValue({ name, value }: DatabaseSetting): string {
  const elements = quotedLists.has(name.toLowerCase()) ? splitList(value) : undefined;
  if (elements === undefined || elements.length === 0) return quoteLiteral(value);
  return elements.map(quoteLiteral).join(", ");
}

const whole = /^\s*(?:(?:"(?:[^"]|"")*"|[^\s",][^\s,]*)\s*(?:,\s*(?!$)|$))*$/;
const element = /"((?:[^"]|"")*)"|[^\s",][^\s,]*/g;

/** Elements of a stored list, unquoted; undefined when it is none. */
function splitList(value: string): readonly string[] | undefined {
  if (!whole.test(value)) return undefined;
  return Array.from(value.matchAll(element), ([text, quoted]) =>
    quoted === undefined ? text : quoted.replaceAll('""', '"'),
  );
}

/** What differs from a new database's privileges, as pg_dump: all is taken, then given anew. */
function privilegeStatements(
  { owner, privileges }: DatabaseProperties,
  database: string,
): readonly string[] {
  if (privileges === undefined) return [];
  const byGrantee = Map.groupBy(privileges, ({ grantee }) => grantee);
  const standard = new Map<string | undefined, string>([
    [undefined, "CONNECT TEMPORARY"],
    [owner, "CONNECT CREATE TEMPORARY"],
  ]);
  const grantees = new Set([...standard.keys(), ...byGrantee.keys()]);
  return [...grantees].flatMap((grantee) => {
    const given = byGrantee.get(grantee) ?? [];
    const usual = standard.get(grantee);
    if (usual === describe(given)) return [];
    const role = grantee === undefined ? "PUBLIC" : quoteIdentifier(grantee);
    const grant = (list: readonly DatabasePrivilege[], option: string): readonly string[] =>
      list.length === 0
        ? []
        : [`GRANT ${list.map(nameOf).join(", ")} ON DATABASE ${database} TO ${role}${option}`];
    return [
      ...(usual === undefined ? [] : [`REVOKE ALL ON DATABASE ${database} FROM ${role}`]),
      ...grant(
        given.filter(({ grantable }) => !grantable),
        "",
      ),
      ...grant(
        given.filter(({ grantable }) => grantable),
        " WITH GRANT OPTION",
      ),
    ];
  });
}

const describe = (given: readonly DatabasePrivilege[]): string =>
  given
    .map(({ privilege, grantable }) => (grantable ? `${privilege}*` : privilege))
    .toSorted()
    .join(" ");

/** Nothing but a privilege's name may stand where a name cannot be quoted. */
function nameOf({ privilege }: DatabasePrivilege): string {
  if (!/^[A-Z]+( [A-Z]+)*$/.test(privilege)) throw new Error(`no privilege: ${privilege}`);
  return privilege;
}

/**
 * The same for psql, connected to the database. What a server refuses does not stop the rest; psql
 * puts the name of the database in, whatever it is.
 */
export function databaseScript(properties: DatabaseProperties): string {
  const statements = databaseStatements(properties, ':"DBNAME"');
  const section = (title: string, kinds: readonly DatabaseStatement["kind"][]): string[] => {
    const chosen = statements.filter(({ kind }) => kinds.includes(kind));
    return chosen.length === 0 ? [] : [`-- ${title}`, ...chosen.map(({ sql }) => `${sql};`)];
  };
  return [
    "-- Properties of the database itself. Run it last, with psql connected to the restored database.",
    "SET client_encoding = 'UTF8';",
    "SET standard_conforming_strings = on;",
    ...section("Settings; new sessions have them", ["setting", "limit"]),
    ...section("Comment", ["comment"]),
    ...section("Owner and privileges", ["owner", "privilege"]),
    "",
  ].join("\n");
}
