import { describe, expect, it } from "vitest";
import {
  type DatabasePrivilege,
  type DatabaseProperties,
  parseDatabaseProperties,
} from "../../../../src/adapters/postgres/mover/database-properties.ts";
import {
  databaseScript,
  databaseStatements,
} from "../../../../src/adapters/postgres/mover/database-statements.ts";

const statements = (properties: Partial<DatabaseProperties>): readonly string[] =>
  databaseStatements({ owner: "me", settings: [], ...properties }, '"d"').map(({ sql }) => sql);

const withoutOwner = (properties: Partial<DatabaseProperties>): readonly string[] =>
  statements(properties).filter((sql) => !sql.includes(" OWNER TO "));

describe("statements of a database's settings", () => {
  it.each<[name: string, stored: string, value: string]>([
    ["statement_timeout", "1ms", "'1ms'"],
    ["TimeZone", "Europe/Berlin", "'Europe/Berlin'"],
    ["app.note", `it's "so", \\ ünï`, `'it''s "so", \\ ünï'`],
    ["app.lines", "one\ntwo", "U&'one\\000atwo'"],
    ["app.empty", "", "''"],
    // A list, but not of the kind whose elements are stored quoted.
    ["DateStyle", "ISO, DMY", "'ISO, DMY'"],
    ["search_path", "public", "'public'"],
    ["search_path", `"$user", public`, "'$user', 'public'"],
    ["search_path", `"odd, ""schéma""", "it's",public`, `'odd, "schéma"', 'it''s', 'public'`],
    ["search_path", `""`, "''"],
    ["search_path", "", "''"],
    ["Search_Path", "a, b", "'a', 'b'"],
    ["temp_tablespaces", "a, b", "'a', 'b'"],
    ["session_preload_libraries", `"$libdir/x y", auto_explain`, "'$libdir/x y', 'auto_explain'"],
    ["local_preload_libraries", "a,b", "'a', 'b'"],
    // No list: whatever it is, nothing of it may be read as SQL.
    ["search_path", `a, "b`, `'a, "b'`],
    ["search_path", "a,,b", "'a,,b'"],
    ["search_path", "a, ", "'a, '"],
  ])("%s stored as %s", (name, stored, value) => {
    expect(withoutOwner({ settings: [{ name, value: stored }] })).toEqual([
      `ALTER DATABASE "d" SET "${name}" TO ${value}`,
    ]);
  });

  it("name the role that they are for", () => {
    const settings = [{ role: `a"b'ü`, name: "work_mem", value: "1GB" }];
    expect(withoutOwner({ settings })).toEqual([
      `ALTER ROLE "a""b'ü" IN DATABASE "d" SET "work_mem" TO '1GB'`,
    ]);
  });

  it("are told without their value, which may be a secret", () => {
    const settings = [{ name: "app.jwt_secret", value: "hush" }];
    const [setting] = databaseStatements({ owner: "me", settings }, '"d"');
    expect(setting?.label).toBe('ALTER DATABASE "d" SET "app.jwt_secret" TO …');
  });
});

const given = (text: string): DatabasePrivilege[] =>
  text.split(" ").map((item) => {
    const [, grantee, privilege = "", star] = /^(\w*)=(\w+)(\*?)$/.exec(item) ?? [];
    return {
      ...(grantee === undefined || grantee === "" ? {} : { grantee }),
      privilege,
      grantable: star === "*",
    };
  });

describe("statements of a database's privileges", () => {
  const own = "me=CONNECT me=CREATE me=TEMPORARY";

  it.each<[title: string, acl: string, wanted: readonly string[]]>([
    ["nothing for what is usual", `=CONNECT =TEMPORARY ${own}`, []],
    ["what PUBLIC lost", own, ['REVOKE ALL ON DATABASE "d" FROM PUBLIC']],
    [
      "what PUBLIC kept",
      `=CONNECT ${own}`,
      ['REVOKE ALL ON DATABASE "d" FROM PUBLIC', 'GRANT CONNECT ON DATABASE "d" TO PUBLIC'],
    ],
    [
      "what others have, some with grant option",
      `=CONNECT =TEMPORARY ${own} app=CONNECT* app=TEMPORARY`,
      [
        'GRANT TEMPORARY ON DATABASE "d" TO "app"',
        'GRANT CONNECT ON DATABASE "d" TO "app" WITH GRANT OPTION',
      ],
    ],
    [
      "what the owner gave up",
      "=CONNECT =TEMPORARY me=CONNECT",
      ['REVOKE ALL ON DATABASE "d" FROM "me"', 'GRANT CONNECT ON DATABASE "d" TO "me"'],
    ],
  ])("%s", (_title, acl, wanted) => {
    expect(withoutOwner({ privileges: given(acl) })).toEqual(wanted);
  });

  it("come after the owner, and are none where the database has the usual ones", () => {
    expect(statements({ privileges: given(own), connectionLimit: 0, comment: "it's" })).toEqual([
      'ALTER DATABASE "d" CONNECTION LIMIT 0',
      'ALTER DATABASE "d" OWNER TO "me"',
      'REVOKE ALL ON DATABASE "d" FROM PUBLIC',
      `COMMENT ON DATABASE "d" IS 'it''s'`,
    ]);
    expect(statements({})).toEqual(['ALTER DATABASE "d" OWNER TO "me"']);
  });

  it("never take SQL for a privilege", () => {
    const privileges = [{ privilege: "ALL; DROP", grantable: false }];
    expect(() => statements({ privileges })).toThrow("no privilege: ALL; DROP");
  });
});

describe("the script", () => {
  it("names no database, so that it fits any", () => {
    const settings = [{ name: "search_path", value: "public" }];
    expect(databaseScript({ owner: "me", settings, comment: "c" }).split("\n").slice(3)).toEqual([
      "-- Settings; new sessions have them",
      `ALTER DATABASE :"DBNAME" SET "search_path" TO 'public';`,
      "-- Comment",
      `COMMENT ON DATABASE :"DBNAME" IS 'c';`,
      "-- Owner and privileges",
      `ALTER DATABASE :"DBNAME" OWNER TO "me";`,
      "",
    ]);
  });
});

describe("stored properties", () => {
  it("come back as they were", () => {
    const properties = { owner: "me", settings: [{ name: "a", value: "b" }], connectionLimit: 3 };
    expect(parseDatabaseProperties(JSON.stringify(properties), "rp")).toEqual(properties);
  });

  it.each(["", "null", "[]", '{"owner":1,"settings":[]}', '{"owner":"me"}'])(
    "that are %j make the recovery point a corrupt one",
    (text) => {
      expect(() => parseDatabaseProperties(text, "rp")).toThrow(/database\.json/);
    },
  );
});
