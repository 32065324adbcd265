import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grantScript } from "../../../src/adapters/postgres/grants/grant-script.ts";

const script = (serverMajor: number, role = "reader", database = "shop") =>
  grantScript({ database, role, serverMajor });

describe("the grant script", () => {
  it("uses the predefined role from 14 on and object grants before", () => {
    expect(script(14).sql).toContain('GRANT pg_read_all_data TO "reader"');
    expect(script(14).revokeSql).toContain('REVOKE pg_read_all_data FROM "reader"');
    expect(script(13).sql).not.toContain("pg_read_all_data");
    expect(script(13).revokeSql).not.toContain("pg_read_all_data");
    expect(script(13).sql).toContain("ALTER DEFAULT PRIVILEGES FOR ROLE");
  });

  it.each([
    [9.6, false, false],
    [10, true, false],
    [18, true, true],
  ])("on %s sets defaults for schemas: %s, for large objects: %s", (major, schemas, objects) => {
    const { sql } = script(major);
    expect(sql.includes("GRANT USAGE ON SCHEMAS")).toBe(schemas);
    expect(sql.includes("GRANT SELECT ON LARGE OBJECTS")).toBe(objects);
  });

  it("wraps the SQL for PowerShell without an argument that holds the password", () => {
    const { powerShell, sql } = script(15, "reader", "o'hara");
    expect(powerShell).toContain(`$sql = @'\n${sql.trimEnd()}\n'@\n`);
    expect(powerShell).toContain("$env:PGDATABASE = 'o''hara'");
    expect(powerShell).toMatch(/psql --no-psqlrc --set=ON_ERROR_STOP=1 --file=\$file/);
  });

  it("holds any name without ending its own quotes", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom("\n'@\n", "$pgvault$", "a';--", 'a";--', "\\"),
    );
    fc.assert(
      fc.property(name, name, (role, database) => {
        const { powerShell } = grantScript({ role, database, serverMajor: 15, owners: [role] });
        expect(powerShell.match(/^'@/gm)).toHaveLength(1);
      }),
    );
  });
});
