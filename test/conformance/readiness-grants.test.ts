import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { grantScript } from "../../src/adapters/postgres/grants/grant-script.ts";
import { quoteIdentifier } from "../../src/adapters/postgres/sql-text.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";
import { type Access, freshAccess, pgDump } from "./postgres-access.ts";

const run = promisify(execFile);
const servers = createDatabaseServers();
let cluster: PostgresCluster;
let folder: string;

beforeAll(async () => {
  cluster = await startCluster();
  folder = await mkdtemp(join(tmpdir(), "pgvault-grants-"));
  await cluster.psql(
    `CREATE ROLE "App One"; CREATE ROLE app_two; CREATE ROLE newcomer; CREATE ROLE admin LOGIN PASSWORD 'admin'`,
  );
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});

/** Two owners, odd names, a large object, row-level security. */
async function shop(name = "$pgvault$"): Promise<Access> {
  const access = await freshAccess(cluster, name);
  await access.admin(`
    CREATE SCHEMA "Odd ""schema""" AUTHORIZATION "App One";
    SET ROLE "App One";
    CREATE TABLE "Odd ""schema"""."it's a table" (id serial, x text);
    GRANT USAGE, CREATE ON SCHEMA "Odd ""schema""" TO app_two;
    RESET ROLE; SET ROLE app_two;
    CREATE TABLE "Odd ""schema""".two (x int);
    SELECT lo_create(77);
    RESET ROLE;
    CREATE TABLE hidden (x int);
    ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;`);
  return access;
}

/** As the PowerShell script does. */
async function psqlFile(
  access: Access,
  sql: string,
  login = { user: cluster.user, password: cluster.password },
) {
  const file = join(folder, "script.sql");
  await writeFile(file, sql);
  return run(
    join(cluster.binaries.binDir, "psql"),
    ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", `--file=${file}`],
    {
      env: {
        PGHOST: cluster.host,
        PGPORT: String(cluster.port),
        PGUSER: login.user,
        PGPASSWORD: login.password,
        PGDATABASE: access.database,
        PGCLIENTENCODING: "UTF8",
      },
    },
  );
}

const targets = async (access: Access) =>
  (await servers.inspectBackup(access.connection)).faults.map((fault) => fault.target);

describe.each([15, 13])("the grant script for PostgreSQL %i", (serverMajor) => {
  const scriptFor = ({ database, role }: Access, owners: readonly string[] = []) =>
    grantScript({ database, role, serverMajor, owners });

  it("lets the role back up, may be run twice, and is taken back by its counterpart", async () => {
    const access = await shop();
    const before = await targets(access);
    expect(before).toHaveLength(7);
    const { sql, revokeSql } = scriptFor(access);

    await psqlFile(access, sql);
    await psqlFile(access, sql);
    expect(await targets(access)).toEqual([]);
    expect(await pgDump(access.connection)).toMatchObject({ exitCode: 0 });

    await psqlFile(access, revokeSql);
    await psqlFile(access, revokeSql);
    expect(await targets(access)).toEqual(before);
  });

  it("covers what every owner, named ones too, creates later, in new schemas too", async () => {
    const access = await shop();
    await psqlFile(access, scriptFor(access, ["newcomer"]).sql);
    await access.admin(`
      GRANT CREATE ON DATABASE ${quoteIdentifier(access.database)} TO app_two, newcomer;
      SET ROLE app_two; CREATE SCHEMA later; CREATE TABLE later.t (id serial); RESET ROLE;
      SET ROLE newcomer; CREATE SCHEMA latest; CREATE SEQUENCE latest.s; RESET ROLE;
      SET ROLE "App One"; CREATE TABLE "Odd ""schema""".third (); RESET ROLE`);
    expect(await targets(access)).toEqual([]);
    expect(await pgDump(access.connection)).toMatchObject({ exitCode: 0 });
  });

  it("leaves system schemas alone", async () => {
    const access = await shop();
    const { sql } = scriptFor(access);
    await psqlFile(access, sql);
    await access.admin(`DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
                  WHERE (n.nspname ~ '^pg_' OR n.nspname = 'information_schema')
                    AND a.grantee = '${quoteIdentifier(access.role).replaceAll("'", "''")}'::regrole)
      THEN RAISE 'a grant on a system schema'; END IF; END $$`);
  });

  it("refuses to run in another database", async () => {
    const access = await shop();
    const other = await freshAccess(cluster);
    await expect(psqlFile(other, scriptFor(access).sql)).rejects.toThrow(/this script is for/);
  });

  it("gives what an administrator may give and warns of the rest", async () => {
    const access = await shop();
    await cluster.psql(`GRANT "App One" TO admin`);
    const { stderr } = await psqlFile(access, scriptFor(access).sql, {
      user: "admin",
      password: "admin",
    });
    expect(stderr).toMatch(/WARNING: .*two: permission denied/);
    expect(stderr).toMatch(/WARNING: .*large object 77/);
    expect(stderr).toMatch(/WARNING: .*BYPASSRLS/);
    const left = await targets(access);
    expect(left).toContain('table "Odd ""schema""".two');
    expect(left).not.toContain(`table "Odd ""schema"""."it's a table"`);
  });
});
