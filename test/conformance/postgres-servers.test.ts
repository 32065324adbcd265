import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/adapters/postgres/connect.ts";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { markStatement } from "../../src/adapters/postgres/restore-marker.ts";
import { quoteIdentifier } from "../../src/adapters/postgres/sql-text.ts";
import { FaultError } from "../../src/domain/fault.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";
import { freshAccess, superuserConnection } from "./postgres-access.ts";

const servers = createDatabaseServers({ connectTimeoutMs: 2_000 });
let cluster: PostgresCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

const exists = async (database: string): Promise<boolean> =>
  (await cluster.psql(`SELECT 1 FROM pg_database WHERE datname = $$${database}$$`)) === "1";

describe("dropping a half-restored database", () => {
  it("happens only for the job that the database is marked with", async () => {
    const { admin, connection, database, role } = await freshAccess(cluster);
    await admin(`ALTER DATABASE ${quoteIdentifier(database)} OWNER TO ${quoteIdentifier(role)}`);
    expect(await servers.dropRestored(connection, "job-1")).toBe(false);
    await admin(markStatement(database, "job-1"));
    expect(await servers.dropRestored(connection, "job-2")).toBe(false);
    expect(await servers.dropRestored(connection, "job")).toBe(false);
    expect(await exists(database)).toBe(true);
    expect(await servers.dropRestored(connection, "job-1")).toBe(true);
    expect(await exists(database)).toBe(false);
    expect(await servers.dropRestored(connection, "job-1")).toBe(false);
  });

  it("ends the sessions that the lost restore left in it", async () => {
    const { admin, connection, database, role } = await freshAccess(cluster);
    await admin(`ALTER DATABASE ${quoteIdentifier(database)} OWNER TO ${quoteIdentifier(role)}`);
    await admin(markStatement(database, "job-1"));
    const left = await connect(connection, { jobId: "job-1" });
    expect(await servers.dropRestored(connection, "job-1")).toBe(true);
    await expect(left.query("SELECT 1")).rejects.toThrow();
  });

  it("says whose database the role may not drop", async () => {
    const { admin, connection, database } = await freshAccess(cluster);
    await admin(markStatement(database, "job-1"));
    const refused = await servers
      .dropRestored(connection, "job-1")
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FaultError);
    expect((refused as FaultError).fault).toMatchObject({
      code: "UserErrorMissingDBPermissions",
      target: `database ${database}`,
    });
  });

  it("rejects with a fault when the server is gone", async () => {
    const gone = { ...superuserConnection(cluster, "x"), port: 1 };
    await expect(servers.dropRestored(gone, "j")).rejects.toThrow(FaultError);
    await expect(servers.endSessions(gone, "j")).rejects.toThrow(FaultError);
  });
});

describe("ending what a lost backup left running", () => {
  it("ends the sessions of that job and of no other", async () => {
    const { connection } = await freshAccess(cluster);
    const sessions = await Promise.all(
      ["job-1", "job-1", "job-2"].map((jobId) => connect(connection, { jobId })),
    );
    expect(await servers.endSessions(connection, "job-1")).toBe(2);
    const alive = await Promise.all(
      sessions.map((session) =>
        session.query("SELECT 1").then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(alive).toEqual([false, false, true]);
    // An ended session leaves pg_stat_activity a moment later.
    for (let i = 0; i < 50 && (await servers.endSessions(connection, "job-1")) > 0; i += 1)
      await sleep(20);
    expect(await servers.endSessions(connection, "job-1")).toBe(0);
    await Promise.all(sessions.map((session) => session.end().catch(() => {})));
  });

  it("needs no database of the secret to exist", async () => {
    expect(await servers.endSessions(superuserConnection(cluster, "gone"), "job-9")).toBe(0);
  });
});
