import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { markStatement } from "../../src/adapters/postgres/restore-marker.ts";
import { quoteIdentifier } from "../../src/adapters/postgres/sql-text.ts";
import type { DatabaseConnection } from "../../src/domain/connection.ts";
import type { ManifestSource } from "../../src/domain/manifest.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";
import { type Access, freshAccess, tools } from "./postgres-access.ts";

const servers = createDatabaseServers({ tools });
let cluster: PostgresCluster;
let source: ManifestSource;

beforeAll(async () => {
  cluster = await startCluster({ settings: { allow_in_place_tablespaces: "on" } });
  source = {
    instanceName: "i",
    friendlyName: "f",
    datasourceId: "/d",
    server: "elsewhere:5432",
    database: "shop",
    serverVersion: "15.2",
    clientVersion: (await tools.installed())[0]?.version ?? "",
    encoding: "UTF8",
    collate: "C",
    ctype: "C",
    databaseBytes: 8_000_000,
  };
});
afterAll(() => cluster.stop());

/** A role that may create databases, and the name of one that does not exist. */
async function restorer(): Promise<Access & { readonly target: DatabaseConnection }> {
  const access = await freshAccess(cluster);
  await access.admin(`ALTER ROLE ${quoteIdentifier(access.role)} CREATEDB`);
  return { ...access, target: { ...access.connection, database: `New "${access.database}"` } };
}

const codes = async (
  target: DatabaseConnection,
  from: ManifestSource = source,
  options: Parameters<typeof servers.inspectRestore>[2] = {},
) =>
  (await servers.inspectRestore(target, from, options)).faults.map((fault) => [
    fault.code,
    fault.target,
  ]);

describe("the check before a restore", () => {
  it("finds nothing where the database can be created, and says what it needs", async () => {
    const { target } = await restorer();
    expect(await servers.inspectRestore(target, source)).toMatchObject({
      faults: [],
      notices: [],
      facts: { serverVersion: expect.stringMatching(/^15\./), estimatedBytes: 8_000_000 },
    });
  });

  it("refuses a name that is taken, except by this job's own leftover", async () => {
    const { admin, connection, database } = await restorer();
    const taken = [["UserErrorDatabaseNameAlreadyInUse", `database ${database}`]];
    expect(await codes(connection)).toEqual(taken);
    await admin(markStatement(database, "job-1"));
    expect(await codes(connection, source, { jobId: "job-2" })).toEqual(taken);
    expect(await codes(connection, source, { jobId: "job-1" })).toEqual([]);
  });

  it("refuses an older server and missing client tools", async () => {
    const { target } = await restorer();
    const newer = { ...source, serverVersion: "99.1", clientVersion: "99.1" };
    expect((await codes(target, newer)).map(([code]) => code)).toEqual([
      "UserErrorRestoreToLowerVersion",
      "UserErrorUnsupportedServerVersion",
    ]);
  });

  it("names an extension that is not there, and one that only superusers create", async () => {
    const { target, role } = await restorer();
    const needing = {
      ...source,
      extensions: ["citext", "postgis", "pageinspect"].map((name) => ({ name, version: "1" })),
    };
    const { faults } = await servers.inspectRestore(target, needing);
    expect(faults.map(({ code, recommendedAction }) => [code, recommendedAction[0]])).toEqual([
      ["UserErrorRestoreTargetNotReady", expect.stringContaining("postgresql-15-postgis")],
      ["UserErrorMissingRole", `ALTER ROLE ${quoteIdentifier(role)} SUPERUSER;`],
    ]);
  });

  it("heeds Azure's list of allowed extensions", async () => {
    const { target, role, admin } = await restorer();
    await admin(`ALTER ROLE ${quoteIdentifier(role)} SET azure.extensions = 'CITEXT, hstore'`);
    const needing = {
      ...source,
      extensions: ["citext", "pageinspect"].map((name) => ({ name, version: "1" })),
    };
    const { faults } = await servers.inspectRestore(target, needing);
    expect(faults.map(({ target: object }) => object)).toEqual(["extension pageinspect"]);
    expect(faults[0]?.recommendedAction[0]).toContain("--value citext,hstore,pageinspect");
  });

  it("asks for tablespaces only when they are kept", async () => {
    const { target, admin, role } = await restorer();
    const space = `Space of ${target.database}`;
    const needing = { ...source, tablespaces: [space] };
    expect(await codes(target, needing)).toEqual([]);
    expect(await codes(target, needing, { keepTablespaces: true })).toEqual([
      ["UserErrorRestoreTargetNotReady", `tablespace ${space}`],
    ]);
    await admin(`CREATE TABLESPACE ${quoteIdentifier(space)} LOCATION ''`);
    const {
      faults: [refused],
    } = await servers.inspectRestore(target, needing, { keepTablespaces: true });
    expect(refused?.recommendedAction[0]).toBe(
      `GRANT CREATE ON TABLESPACE ${quoteIdentifier(space)} TO ${quoteIdentifier(role)};`,
    );
    await admin(refused?.recommendedAction[0] ?? "");
    expect(await codes(target, needing, { keepTablespaces: true })).toEqual([]);
  });

  it.each([
    ["C.UTF-8", true],
    ["C.utf8", true],
    ["POSIX", true],
    ["xx_YY.UTF-8", false],
  ])("knows whether locale %s is installed", async (locale, installed) => {
    const { target } = await restorer();
    expect(await codes(target, { ...source, collate: locale, ctype: locale })).toEqual(
      installed ? [] : [["UserErrorRestoreTargetNotReady", `locale ${locale}`]],
    );
  });

  it("answers everything at once, and its statements mend what SQL can", async () => {
    const access = await freshAccess(cluster);
    const needing = {
      ...source,
      extensions: [{ name: "pageinspect", version: "1" }],
    };
    const { faults } = await servers.inspectRestore(access.connection, needing);
    expect(faults.map(({ code }) => code)).toEqual([
      "UserErrorDatabaseNameAlreadyInUse",
      "UserErrorMissingRole",
      "UserErrorMissingRole",
    ]);
    const elsewhere = { ...access.connection, database: "elsewhere" };
    for (const fault of (await servers.inspectRestore(elsewhere, needing)).faults) {
      await access.admin(fault.recommendedAction[0] ?? "");
    }
    expect((await servers.inspectRestore(elsewhere, needing)).faults).toEqual([]);
  });

  it("works through template1 where the role may not enter postgres", async () => {
    const closed = await startCluster();
    try {
      await closed.psql("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
      const access = await freshAccess(closed);
      await access.admin(`ALTER ROLE ${quoteIdentifier(access.role)} CREATEDB`);
      const target = { ...access.connection, database: "fresh" };
      expect(await codes(target)).toEqual([]);
      await closed.psql("REVOKE CONNECT ON DATABASE template1 FROM PUBLIC");
      expect(await codes(target)).toEqual([["UserErrorMissingDBPermissions", "database postgres"]]);
    } finally {
      await closed.stop();
    }
  });

  it("answers an unreachable server as a finding", async () => {
    const { target } = await restorer();
    expect((await codes({ ...target, port: 1 })).map(([code]) => code)).toEqual([
      "UserErrorMissingNetworkSecurityPermissions",
    ]);
  });
});
