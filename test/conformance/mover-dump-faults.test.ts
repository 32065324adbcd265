import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createClientTools } from "../../src/adapters/postgres/client-tools.ts";
import { FaultError, fault } from "../../src/domain/fault.ts";
import { type BlobFaults, faultyBlobs } from "../adapters/postgres/mover/faulty-blobs.ts";
import {
  createRig,
  type MoverRig,
  quietControl,
  type RigOptions,
} from "../adapters/postgres/mover/mover-rig.ts";
import { pgvaultSessions } from "../support/dump-sessions.ts";
import { holdLock } from "../support/hold-lock.ts";
import { makeMortalPgDump } from "../support/mortal-pg-dump.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

let cluster: PostgresCluster;
let used: MoverRig[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.psql("CREATE DATABASE src");
  // Hardly compressible, so that several blocks are staged while rows are still being read.
  await cluster.psql(
    `CREATE TABLE one AS SELECT g, md5(g::text) || md5((g * 7)::text) AS noise FROM generate_series(1, 500000) g;
     CREATE TABLE two AS SELECT * FROM one LIMIT 300000;
     DO $$ BEGIN FOR i IN 1..4 LOOP
       EXECUTE format('CREATE TABLE small_%s AS SELECT generate_series(1, 10) a', i);
     END LOOP; END $$`,
    "src",
  );
});

afterAll(() => cluster.stop());

afterEach(async () => {
  // What every failed dump must leave behind: nothing.
  for (const rig of used) expect(rig.blobs.paths()).toEqual([]);
  used = [];
  expect(await pgvaultSessions(cluster)).toBe(0);
  expect(await openTransactions()).toBe(0);
});

const failingRig = (faults: BlobFaults, options: RigOptions = {}): MoverRig => {
  const rig = createRig(cluster, { ...options, wrap: (blobs) => faultyBlobs(blobs, faults) });
  used.push(rig);
  return rig;
};

const openTransactions = async (): Promise<number> =>
  Number(
    await cluster.psql(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = 'src' AND xact_start IS NOT NULL",
    ),
  );

const codeOf = (error: unknown): string =>
  error instanceof FaultError ? error.fault.code : String(error);

const rejection = async (dump: Promise<unknown>): Promise<unknown> =>
  dump.then(
    () => "it succeeded",
    (error: unknown) => error,
  );

const terminate = (which: string): Promise<string> =>
  cluster.psql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgvault%' AND ${which}`,
  );

describe("a dump that is disturbed fails as a whole and leaves nothing behind", () => {
  it.each([
    ["a worker's backend", "query LIKE 'LOCK%'"],
    ["the backend that holds the locks", "query LIKE 'COPY%'"],
    ["every backend", "true"],
  ])("when %s is terminated", async (_name, which) => {
    const rig = failingRig({
      beforeStage: async (_path, staged) => void (staged === 2 && (await terminate(which))),
    });
    const error = await rejection(rig.dump("src"));
    expect(codeOf(error)).toBe("UserErrorServerConnectionClosed");
    expect(error).toMatchObject({ fault: { retryable: true } });
  });

  it("when the server restarts", async () => {
    const rig = failingRig({
      beforeStage: async (_path, staged) =>
        void (staged === 2 && (await cluster.restart("immediate"))),
    });
    expect(codeOf(await rejection(rig.dump("src")))).toBe("UserErrorServerConnectionClosed");
  });

  it("when pg_dump is killed before it has described everything", async () => {
    const mortal = await makeMortalPgDump();
    try {
      await mortal.killNext(1);
      // Enough objects for a table of contents of more than the 4 KiB it lives for.
      await cluster.psql(
        "DO $$ BEGIN FOR i IN 1..60 LOOP EXECUTE format('CREATE TABLE IF NOT EXISTS many_%s (a int)', i); END LOOP; END $$",
        "src",
      );
      const rig = failingRig({}, { tools: createClientTools({ directories: [mortal.binDir] }) });
      const error = await rejection(rig.dump("src"));
      expect(codeOf(error)).toBe("DumpFailed");
      expect(String(error)).toContain("SIGKILL");
    } finally {
      await mortal.remove();
    }
  });

  it("when a block cannot be stored", async () => {
    const unavailable = new FaultError(fault("StorageUnavailable", { detail: "no answer" }));
    const rig = failingRig({
      beforeStage: (_path, staged) => {
        if (staged === 3) throw unavailable;
      },
    });
    expect(codeOf(await rejection(rig.dump("src")))).toBe("StorageUnavailable");
  });

  it("when a pack is shorter than what was committed", async () => {
    const rig = createRig(cluster, {
      wrap: (blobs) => ({
        ...blobs,
        properties: async (path) => {
          const found = await blobs.properties(path);
          return found && { ...found, lengthBytes: found.lengthBytes - 1 };
        },
      }),
    });
    used.push(rig);
    const error = await rejection(rig.dump("src"));
    expect(codeOf(error)).toBe("DumpFailed");
    expect(String(error)).toContain("pack-0000");
  });

  it("when it is cancelled, while a connection is stuck too", async () => {
    const cancel = new AbortController();
    const rig = failingRig({
      beforeStage: async (_path, staged) => {
        if (staged === 2) cancel.abort(new Error("cancelled by a person"));
        await sleep(20);
      },
    });
    const error = await rejection(rig.dump("src", {}, cancel.signal));
    expect(String(error)).toContain("cancelled by a person");
  });

  it("when a table stays locked, and names the table", async () => {
    const release = await holdLock(cluster, "src", "two");
    try {
      const error = await rejection(failingRig({}, { lockWaitMs: 200 }).dump("src"));
      expect(codeOf(error)).toBe("UserErrorLockNotAvailable");
      expect(String(error)).toContain("public.two");
    } finally {
      await release();
    }
  });

  it("when row-level security would hide rows, and names the table", async () => {
    await cluster.psql(
      `CREATE TABLE hidden (a int); INSERT INTO hidden VALUES (1); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
       CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT pg_read_all_data TO reader`,
      "src",
    );
    const limited = { ...cluster, user: "reader", password: "reader" };
    const rig = createRig(limited);
    used.push(rig);
    const error = await rejection(rig.dump("src"));
    await cluster.psql("DROP TABLE hidden", "src");
    expect(codeOf(error)).toBe("UserErrorMissingDBPermissions");
    expect(String(error)).toContain("hidden");
  });
});

describe("a dump goes on", () => {
  afterEach(() => {
    used = [];
  });

  it("when the reply of a commit is lost", async () => {
    const rig = createRig(cluster, {
      wrap: (blobs) => faultyBlobs(blobs, { afterCommit: () => "exists" }),
    });
    const outcome = await rig.dump("src");
    expect(rig.blobs.paths()).toHaveLength(outcome.archive.packs.length);
  });

  it("at the pace of a slow store, without piling up blocks", async () => {
    let inFlight = 0;
    let most = 0;
    const rig = createRig(cluster, {
      wrap: (blobs) => ({
        ...blobs,
        stageBlock: async (path, id, body, signal) => {
          inFlight += 1;
          most = Math.max(most, inFlight);
          await sleep(250);
          await blobs.stageBlock(path, id, body, signal);
          inFlight -= 1;
        },
      }),
    });
    const outcome = await rig.dump("src", { connections: 2, compression: "none" });
    // 45 MB are a dozen blocks, twice as many as may be on their way: three of each connection.
    expect(outcome.archive.storedBytes).toBeGreaterThan(45_000_000);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(2 * 3);
    expect(await rig.mover.verify(rig.request(outcome, "unused"), quietControl())).toMatchObject({
      bytes: outcome.archive.storedBytes,
    });
  });

  it("when others wait for exclusive locks on tables not yet read", async () => {
    const waiting: Promise<unknown>[] = [];
    const alter = async (table: string): Promise<void> => {
      const client = new Client({ connectionString: cluster.url("src") });
      await client.connect();
      await client.query(`ALTER TABLE ${table} ADD COLUMN late int; TRUNCATE ${table}`);
      await client.end();
    };
    // The holder of the locks reads the largest table meanwhile; the other connection comes first
    // to the small ones, may not wait behind those who wait, and leaves them to the holder.
    const rig = createRig(cluster, {
      wrap: (blobs) =>
        faultyBlobs(blobs, {
          beforeStage: async (_path, staged) => {
            if (staged !== 1) return;
            waiting.push(...[1, 2, 3, 4].map((index) => alter(`small_${index}`)));
            await sleep(200);
          },
        }),
    });
    const outcome = await rig.dump("src", { connections: 2 });
    expect(waiting).toHaveLength(4);
    await Promise.all(waiting);
    const small = outcome.archive.files.filter((file) => file.table?.name.startsWith("small_"));
    expect(small.map((file) => file.rows)).toEqual([10, 10, 10, 10]);
    expect(await cluster.psql("SELECT count(*) FROM small_1", "src")).toContain("0");
  });
});
