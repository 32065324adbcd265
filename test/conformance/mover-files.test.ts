import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DumpOutcome } from "../../src/ports/data-mover.ts";
import { createRig, type MoverRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { zooRolesSql, zooSql } from "../adapters/postgres/mover/zoo.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

const run = promisify(execFile);
let cluster: PostgresCluster;
let folder: string;
let rig: MoverRig;
let outcome: DumpOutcome;

beforeAll(async () => {
  cluster = await startCluster();
  folder = await mkdtemp(join(tmpdir(), "pgvault-files-"));
  await cluster.psql("CREATE DATABASE zoo");
  await cluster.psql(zooRolesSql);
  await cluster.psql("GRANT zoo_owner TO zoo_reader");
  await cluster.psql(zooSql(), "zoo");
  rig = createRig(cluster);
  outcome = await rig.dump("zoo");
});

afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Stock tools, as a person would use them. */
const stock = (tool: string, ...args: string[]): Promise<unknown> =>
  run(join(cluster.binaries.binDir, tool), args, {
    env: {
      PGHOST: cluster.host,
      PGPORT: String(cluster.port),
      PGUSER: cluster.user,
      PGPASSWORD: cluster.password,
    },
  });

describe("restore as files", () => {
  it.each(["none", "gzip"] as const)(
    "writes (%s) what a stock pg_restore -j4 restores",
    async (compression) => {
      const path = join(folder, compression);
      await mkdir(path);
      const written = await rig.restoreFiles(outcome, path, compression);
      expect(written.files).toBe((await readdir(path)).length);

      const target = `files_${compression}`;
      await stock("createdb", "--template=template0", target);
      await stock(
        "pg_restore",
        "--format=directory",
        "--jobs=4",
        "--exit-on-error",
        `--dbname=${target}`,
        path,
      );
      expect(await rig.differences("zoo", target)).toEqual([]);
    },
  );

  it("adds the roles, fit for a managed server, and the commands", async () => {
    const roles = await readFile(join(folder, "none", "roles.sql"), "utf8");
    expect(roles).toContain("CREATE ROLE zoo_owner NOLOGIN");
    expect(roles).toContain("GRANT zoo_owner TO zoo_reader;");
    expect(roles).not.toMatch(/SUPERUSER|PASSWORD '|REPLICATION|BYPASSRLS/);
    await cluster.psql("ALTER DATABASE zoo RENAME TO zoo_away");
    // Against a server that lacks them, and again against one that has them.
    const other = await startCluster();
    await other.psql(roles);
    await other.psql(roles);
    expect(await other.psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'zoo%'")).toContain(
      "2",
    );
    await other.stop();
    await cluster.psql("ALTER DATABASE zoo_away RENAME TO zoo");
    expect(await readFile(join(folder, "none", "README.txt"), "utf8")).toContain(
      "pg_restore --host=SERVER --username=ADMIN --dbname=NEWNAME --format=directory --jobs=4 backup",
    );
  });
});

describe("restore by hand", () => {
  const script = new URL("../../scripts/restore-by-hand.sh", import.meta.url).pathname;

  it.each(["zstd", "gzip", "none"] as const)(
    "needs nothing of pgvault (%s)",
    async (compression) => {
      const path = join(folder, `hand-${compression}`);
      await mkdir(path);
      const byHand = createRig(cluster);
      const dumped = await byHand.dump("zoo", { compression });
      for (const pack of outcome.archive.packs) {
        const bytes = await byHand.blobs.get(`${byHand.folder}/${pack.name}`);
        await writeFile(join(path, pack.name), bytes ?? "");
      }
      await writeFile(join(path, "manifest.json"), JSON.stringify({ archive: dumped.archive }));
      const out = join(folder, `out-${compression}`);
      const env = { PATH: `${cluster.binaries.binDir}:${process.env["PATH"]}` };
      await run(script, [join(path, "manifest.json"), path, out], { env });

      const target = `hand_${compression}`;
      await stock("createdb", "--template=template0", target);
      await stock(
        "pg_restore",
        "--format=directory",
        "--jobs=4",
        "--exit-on-error",
        `--dbname=${target}`,
        out,
      );
      expect(await rig.differences("zoo", target)).toEqual([]);
    },
  );

  it("refuses a pack with a flipped byte", async () => {
    const path = join(folder, "hand-zstd");
    const pack = await readFile(join(path, "pack-00000"));
    pack[100] = (pack[100] ?? 0) ^ 1;
    await writeFile(join(path, "pack-00000"), pack);
    const env = { PATH: `${cluster.binaries.binDir}:${process.env["PATH"]}` };
    const out = join(folder, "out-flipped");
    await expect(run(script, [join(path, "manifest.json"), path, out], { env })).rejects.toThrow(
      /the checksum differs/,
    );
    await expect(readdir(out)).rejects.toThrow(/ENOENT/);
  });
});

describe("prove", () => {
  it("restores into a scratch database, counts and hashes every table, and drops it", async () => {
    const request = rig.request(outcome, "scratch");
    const proof = await rig.mover.prove(request, { checksums: true }, quietControl());
    const table = proof.tables.find(({ name }) => name === "m_eu_24");
    const [count, hash] = (
      await cluster.psql(
        `SELECT count(*), sum(hashtextextended(m::text COLLATE "C", 0)) FROM partitions.m_eu_24 m`,
        "zoo",
      )
    )
      .trim()
      .split("|");
    expect(table).toEqual({
      schema: "partitions",
      name: "m_eu_24",
      rows: Number(count),
      checksum: hash,
    });
    expect(proof.tables).toHaveLength(
      outcome.archive.files.filter((file) => file.table !== undefined).length,
    );
    expect(await cluster.psql("SELECT datname FROM pg_database")).not.toContain("scratch");
  });

  it("fails when a table has other rows than were dumped, and drops the scratch database", async () => {
    const request = rig.request(outcome, "scratch");
    const files = outcome.archive.files.map((file) =>
      file.table?.name === "secrets" ? { ...file, rows: 21 } : file,
    );
    const lying = { ...request, archive: { ...request.archive, files } };
    const proof = rig.mover.prove(lying, { checksums: false }, quietControl());
    await expect(proof).rejects.toMatchObject({ fault: { target: "table row_security.secrets" } });
    expect(await cluster.psql("SELECT datname FROM pg_database")).not.toContain("scratch");
  });
});
