import { execFile, spawn } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GuardedServer, startGuarded } from "../../scripts/guarded-server.ts";
import { unprivilegedAccount } from "../../scripts/unprivileged-account.ts";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";
import { pgDump, superuserConnection } from "./postgres-access.ts";

const run = promisify(execFile);
const servers = createDatabaseServers();
let primary: PostgresCluster;
let folder: string;
let port: number;
let standby: GuardedServer | undefined;

/** A physical standby of `primary`, made by pg_basebackup. */
beforeAll(async () => {
  primary = await startCluster({ settings: { wal_level: "replica", max_wal_senders: "4" } });
  await primary.psql("CREATE UNLOGGED TABLE fleeting (x int); CREATE TABLE lasting (x int)");
  folder = await mkdtemp(join(tmpdir(), "pgvault-standby-"));
  const account = await unprivilegedAccount();
  const { uid, gid } = account;
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  const args = ["--pgdata", join(folder, "data"), "--write-recovery-conf", "--checkpoint=fast"];
  args.push("--host", primary.host, "--port", String(primary.port), "--username", primary.user);
  await run(join(primary.binaries.binDir, "pg_basebackup"), args, {
    ...account,
    cwd: folder,
    env: { PGPASSWORD: primary.password },
  });
  port = await freePort();
}, 60_000);
afterAll(async () => {
  await standby?.end("immediate");
  await primary.stop();
  await rm(folder, { recursive: true, force: true });
});

const serverCommand = (hotStandby: "on" | "off"): readonly string[] => {
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    fsync: "off",
    hot_standby: hotStandby,
  };
  return [
    join(primary.binaries.binDir, "postgres"),
    "-D",
    join(folder, "data"),
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const found = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(found));
    });
  });

describe("a standby", () => {
  it("can be backed up, with a word on what it does not hold", async () => {
    const account = await unprivilegedAccount();
    standby = await startGuarded({ folder, account, command: serverCommand("on") });
    const connection = { ...superuserConnection(primary), port };
    const { faults, notices, facts } = await servers.inspectBackup(connection);
    expect(faults).toEqual([]);
    expect(notices.map(({ kind, resourceName }) => [kind, resourceName])).toEqual([
      ["Standby", "server"],
      ["UnloggedTableNotIncluded", "table public.fleeting"],
    ]);
    expect(facts?.isStandby).toBe(true);
    expect((await pgDump(connection)).exitCode).toBe(0);
  });

  it("cannot take a restored database", async () => {
    const target = { ...superuserConnection(primary), port, database: "fresh" };
    const source = {
      instanceName: "i",
      friendlyName: "f",
      datasourceId: "/d",
      server: "s",
      database: "d",
      serverVersion: "15.0",
      clientVersion: "15.0",
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      databaseBytes: 1,
    };
    const { faults } = await servers.inspectRestore(target, source);
    expect(faults.map(({ code }) => code)).toEqual(["UserErrorRestoreTargetNotReady"]);
    expect(faults[0]?.message).toContain("standby");
  });

  it("without hot standby is told as a server that takes no connections", async () => {
    await standby?.end("fast");
    standby = undefined;
    // startGuarded would wait for a readiness that never comes.
    const [file = "", ...args] = serverCommand("off");
    const server = spawn(file, args, { ...(await unprivilegedAccount()), stdio: "ignore" });
    const gone = new Promise((resolve) => server.once("exit", resolve));
    try {
      const connection = { ...superuserConnection(primary), port };
      let { faults } = await servers.inspectBackup(connection);
      // Until its port is open the server refuses.
      for (let i = 0; i < 100 && faults[0]?.message.includes("refused") === true; i += 1) {
        await sleep(50);
        ({ faults } = await servers.inspectBackup(connection));
      }
      expect(faults.map(({ code, retryable }) => [code, retryable])).toEqual([
        ["UserErrorServerConnectionClosed", true],
      ]);
      expect(faults[0]?.message).toMatch(/not accepting connections|not yet accepting|starting up/);
    } finally {
      server.kill("SIGQUIT");
      await gone;
    }
  });
});
