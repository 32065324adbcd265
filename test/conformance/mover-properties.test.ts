import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabaseServers } from "../../src/adapters/postgres/database-servers.ts";
import { createFileKeyWrapper } from "../../src/adapters/postgres/mover/file-key-wrapper.ts";
import { quoteIdentifier } from "../../src/adapters/postgres/sql-text.ts";
import type { DumpOutcome, RestoreRequest } from "../../src/ports/data-mover.ts";
import { createRig, type MoverRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { createStockTools, type StockTools } from "../adapters/postgres/mover/stock-tools.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

const key = randomBytes(32);
const keys = createFileKeyWrapper(async () => key);
const servers = createDatabaseServers();
/** Names that need quoting everywhere, in characters that LATIN1 has too. */
const odd = `Östliche "Filiale"'s :x`;
const secret = "hush-hush-hush";
let cluster: PostgresCluster;
let tools: StockTools;
let rig: MoverRig;
let outcome: DumpOutcome;

beforeAll(async () => {
  cluster = await startCluster();
  tools = createStockTools(cluster);
  await cluster.psql(
    `CREATE ROLE "Chef ""Ö""" CREATEDB; CREATE ROLE app; CREATE ROLE "le'ser" LOGIN`,
  );
  await cluster.psql(`CREATE DATABASE ${quoteIdentifier(odd)} OWNER "Chef ""Ö"""`);
  await cluster.psql(
    `CREATE TABLE t AS SELECT g FROM generate_series(1, 5000) g; ALTER TABLE t ADD PRIMARY KEY (g);
     CREATE SCHEMA "Odd, ""Schéma"""`,
    odd,
  );
  await cluster.psql(propertiesSql(odd));
  rig = createRig(cluster, { keys });
  outcome = await rig.dump(odd, { encryptionKeyId: "file:vault" });
});

afterAll(() => cluster.stop());

const propertiesSql = (database: string): string =>
  [
    `ALTER DATABASE $ SET search_path = "$user", "Odd, ""Schéma""", public`,
    "ALTER DATABASE $ SET TimeZone = 'Europe/Berlin'",
    "ALTER DATABASE $ SET DateStyle = 'German, DMY'",
    "ALTER DATABASE $ SET session_preload_libraries = 'auto_explain', '$libdir/auto_explain'",
    `ALTER DATABASE $ SET app.note = 'it''s "so", \\ ünï'`,
    `ALTER DATABASE $ SET app.secret = '${secret}'`,
    "ALTER DATABASE $ SET default_transaction_read_only = on",
    "ALTER DATABASE $ SET statement_timeout = '1ms'",
    "ALTER DATABASE $ SET lock_timeout = '1ms'",
    "ALTER DATABASE $ SET log_statement = 'all'",
    `ALTER ROLE "le'ser" IN DATABASE $ SET work_mem = '77MB'`,
    `ALTER ROLE "le'ser" IN DATABASE $ SET search_path = ''`,
    "ALTER DATABASE $ CONNECTION LIMIT 1",
    "REVOKE ALL ON DATABASE $ FROM PUBLIC",
    "GRANT TEMPORARY ON DATABASE $ TO PUBLIC",
    "GRANT CONNECT ON DATABASE $ TO app WITH GRANT OPTION",
    `GRANT CONNECT, CREATE ON DATABASE $ TO "le'ser"`,
    `COMMENT ON DATABASE $ IS E'the "Öst" one''s\\nsecond line'`,
  ]
    .map((statement) => statement.replace("$ ", () => `${quoteIdentifier(database)} `))
    .join("; ");

const count = async (database: string): Promise<string> =>
  (await tools.psql(database, "--command=SELECT count(*) FROM public.t")).trim();

const restored = async (request: RestoreRequest) => {
  const { warnings } = await rig.mover.restoreDatabase(request, quietControl());
  const marked = await tools.commentOn(request.target.database);
  const kept = await servers.keepRestored(request.target, request.jobId);
  return { warnings, marked, kept };
};

describe("a database with settings, comment, owner, privileges and a limit of its own", () => {
  it("gets all of them back, though they would have stopped its restore", async () => {
    const name = `${odd} again`;
    const request = rig.request(outcome, name);
    const { warnings, marked, kept } = await restored(request);

    expect(warnings).toEqual([]);
    expect(marked).toBe(`pgvault restore ${request.jobId}\nthe "Öst" one's\nsecond line`);
    expect(kept).toBe(true);
    const wanted = await tools.properties(odd);
    expect(wanted.split("\n").length).toBeGreaterThan(18);
    expect(wanted).toContain(`SET search_path TO '$user', 'Odd, "Schéma"', 'public';`);
    expect(await tools.properties(name)).toBe(wanted);
    expect(await count(name)).toBe("5000");
    expect(await servers.keepRestored(request.target, request.jobId)).toBe(false);
  });

  it("keeps of them what the restore's options say", async () => {
    const request = rig.request(outcome, "bare", {
      keepOwners: false,
      keepPrivileges: false,
      keepComments: false,
      // As pg_restore --create: a selection does not touch what belongs to the database.
      onlyTables: ["t"],
    });
    const { warnings, marked } = await restored(request);
    expect(warnings).toEqual([]);
    expect(marked).toBe(`pgvault restore ${request.jobId}`);
    expect(await tools.commentOn("bare")).toBe("");
    const found = await tools.properties("bare");
    expect(found).toContain(
      "ALTER DATABASE NAME CONNECTION LIMIT = 1".replace("ALTER DATABASE NAME ", ""),
    );
    expect(found).toContain("ALTER DATABASE NAME SET statement_timeout TO '1ms';");
    expect(found).toContain("OWNER TO postgres;");
    expect(found).not.toMatch(/GRANT|REVOKE|COMMENT/);
  });

  it("is taken over and dropped by its own job in spite of them", async () => {
    const request = rig.request(outcome, "twice");
    await rig.mover.restoreDatabase(request, quietControl());
    // As after a crash before the success was recorded.
    await rig.mover.restoreDatabase(request, quietControl());
    expect(await servers.dropRestored(request.target, randomBytes(4).toString("hex"))).toBe(false);
    expect(await servers.dropRestored(request.target, request.jobId)).toBe(true);
    expect(await cluster.psql("SELECT datname FROM pg_database")).not.toContain("twice");
  });

  it("is dumped again without the mark of a restore that is not kept yet", async () => {
    const request = rig.request(outcome, "between");
    await rig.mover.restoreDatabase(request, quietControl());
    const later = createRig(cluster);
    const again = later.request(await later.dump("between"), "after");
    await later.mover.restoreDatabase(again, quietControl());
    expect(await tools.commentOn("after")).toBe(
      `pgvault restore ${again.jobId}\nthe "Öst" one's\nsecond line`,
    );
  });

  it("is proven in a scratch database without them", async () => {
    const request = rig.request(outcome, "scratch");
    const proof = await rig.mover.prove(request, { checksums: true }, quietControl());
    expect(proof.tables).toMatchObject([{ name: "t", rows: 5000 }]);
    expect(proof.warnings).toEqual([]);
  });

  it("restores from a recovery point of the first versions, which has none", async () => {
    const plain = createRig(cluster);
    const request = plain.request(await plain.dump(odd), "first");
    const files = request.archive.files.filter(({ name }) => !name.startsWith("database."));
    expect(files.length).toBe(request.archive.files.length - 2);
    const old = { ...request, archive: { ...request.archive, files } };
    const { warnings } = await plain.mover.restoreDatabase(old, quietControl());
    expect(warnings).toEqual([]);
    expect(await tools.properties("first")).not.toContain("ALTER DATABASE NAME SET");
  });

  it("tells none of them outside of the encrypted packs", async () => {
    expect(JSON.stringify(outcome)).not.toContain(secret);
    for (const path of rig.blobs.paths()) {
      expect(Buffer.from((await rig.blobs.get(path)) ?? []).includes(secret)).toBe(false);
    }
  });
});

describe("restore as files", () => {
  it("adds a script that gives the database its properties, whatever its name", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pgvault-properties-"));
    try {
      await rig.restoreFiles(outcome, folder, "none");
      const target = `files of ${odd}`;
      await cluster.psql(`CREATE DATABASE ${quoteIdentifier(target)} TEMPLATE template0`);
      await tools.pgRestore(target, "--format=directory", "--exit-on-error", folder);
      await tools.psql(target, "--set=ON_ERROR_STOP=1", `--file=${folder}/database.sql`);
      expect(await tools.properties(target)).toBe(await tools.properties(odd));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
