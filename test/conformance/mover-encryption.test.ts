import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFileKeyWrapper } from "../../src/adapters/postgres/mover/file-key-wrapper.ts";
import type { ArchiveManifest } from "../../src/domain/manifest.ts";
import type { DumpOutcome } from "../../src/ports/data-mover.ts";
import { createRig, type MoverRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { type PostgresCluster, startCluster } from "../support/postgres-cluster.ts";

const run = promisify(execFile);
const key = randomBytes(32);
const keys = createFileKeyWrapper(async (name) => (name === "vault" ? key : undefined));
let cluster: PostgresCluster;
let rig: MoverRig;
let outcome: DumpOutcome;
let folder: string;

beforeAll(async () => {
  cluster = await startCluster();
  folder = await mkdtemp(join(tmpdir(), "pgvault-sealed-"));
  await cluster.psql("CREATE DATABASE src");
  await cluster.psql(
    `CREATE TABLE a AS SELECT g, 'SECRET-' || md5(g::text) AS s FROM generate_series(1, 200000) g;
     CREATE TABLE b AS SELECT * FROM a WHERE g <= 1000; CREATE TABLE c AS SELECT g + 1 AS g, s FROM b;`,
    "src",
  );
  rig = createRig(cluster, { keys });
  outcome = await rig.dump("src", { compression: "none", encryptionKeyId: "file:vault" });
});

afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const corrupt = { fault: { code: "RecoveryPointCorrupt" } };

/** Tables b and c change places, each segment still in its own place with its own checksum. */
const swapped = (archive: ArchiveManifest): ArchiveManifest => {
  const segmentsOf = (name: string) =>
    archive.files.find((file) => file.table?.name === name)?.segments ?? [];
  return {
    ...archive,
    files: archive.files.map((file) =>
      file.table?.name === "b"
        ? { ...file, segments: segmentsOf("c") }
        : file.table?.name === "c"
          ? { ...file, segments: segmentsOf("b") }
          : file,
    ),
  };
};

describe("an encrypted recovery point", () => {
  it("holds nothing readable and comes back equal", async () => {
    for (const path of rig.blobs.paths()) {
      const stored = Buffer.from((await rig.blobs.get(path)) ?? []);
      expect(stored.includes("SECRET-")).toBe(false);
      expect(stored.includes("CREATE TABLE")).toBe(false);
    }
    await rig.restore(outcome, "back");
    expect(await rig.differences("src", "back")).toEqual([]);
  });

  it.each<[string, (archive: ArchiveManifest) => ArchiveManifest]>([
    ["swaps two tables", swapped],
    [
      "leaves out a segment",
      (archive) => ({
        ...archive,
        files: archive.files.map((file) => ({ ...file, segments: file.segments.slice(0, 1) })),
      }),
    ],
    [
      "leaves out a file",
      (archive) => ({
        ...archive,
        files: archive.files.filter((file) => file.table?.name !== "b"),
      }),
    ],
    [
      "tells another number of rows",
      (archive) => ({
        ...archive,
        files: archive.files.map((file) => (file.rows === undefined ? file : { ...file, rows: 0 })),
      }),
    ],
  ])("is refused when its manifest %s", async (_name, change) => {
    const request = rig.request(outcome, "never");
    const changed = { ...request, archive: change(request.archive) };
    await expect(rig.mover.verify(changed, quietControl())).rejects.toMatchObject(corrupt);
    await expect(rig.mover.restoreDatabase(changed, quietControl())).rejects.toMatchObject(corrupt);
    expect(await cluster.psql("SELECT datname FROM pg_database")).not.toContain("never");
  });

  it("is refused with another key, and without any", async () => {
    const request = rig.request(outcome, "never");
    const copy = async (other: MoverRig): Promise<unknown> => {
      for (const path of rig.blobs.paths()) {
        await other.blobs.put(path, (await rig.blobs.get(path)) ?? new Uint8Array());
      }
      return other.mover.restoreDatabase(request, quietControl());
    };
    const stranger = createFileKeyWrapper(async () => randomBytes(32));
    await expect(copy(createRig(cluster, { keys: stranger }))).rejects.toMatchObject(corrupt);
    const missing = { fault: { code: "UserErrorEncryptionKeyUnusable" } };
    await expect(copy(createRig(cluster))).rejects.toMatchObject(missing);
  });

  it("is never written in plain text because the keeper of keys is missing", async () => {
    const plain = createRig(cluster);
    const dump = plain.dump("src", { encryptionKeyId: "file:vault" });
    await expect(dump).rejects.toMatchObject({ fault: { code: "UserErrorEncryptionKeyUnusable" } });
    expect(plain.blobs.paths()).toEqual([]);
  });

  it("restores by hand with the key file", async () => {
    for (const pack of outcome.archive.packs) {
      await writeFile(
        join(folder, pack.name),
        (await rig.blobs.get(`${rig.folder}/${pack.name}`)) ?? "",
      );
    }
    await writeFile(join(folder, "manifest.json"), JSON.stringify({ archive: outcome.archive }));
    await writeFile(join(folder, "key"), key);
    const env = {
      PATH: `${cluster.binaries.binDir}:${process.env["PATH"]}`,
      PGVAULT_KEY_FILE: join(folder, "key"),
      PGHOST: cluster.host,
      PGPORT: String(cluster.port),
      PGUSER: cluster.user,
      PGPASSWORD: cluster.password,
    };
    const script = new URL("../../scripts/restore-by-hand.sh", import.meta.url).pathname;
    const out = join(folder, "out");
    await run(script, [join(folder, "manifest.json"), folder, out], { env });
    await cluster.psql("CREATE DATABASE hand TEMPLATE template0");
    await run("pg_restore", ["-Fd", "-j4", "-e", "-d", "hand", out], { env });
    expect(await rig.differences("src", "hand")).toEqual([]);
  });
});
