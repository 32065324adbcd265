import { execFile } from "node:child_process";
import { constants, privateDecrypt, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVaultKeyWrapper } from "../../src/adapters/key-vault/key-wrapper.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createFileKeyWrapper } from "../../src/adapters/postgres/mover/file-key-wrapper.ts";
import { createKeyRouter } from "../../src/adapters/secrets/key-router.ts";
import type { ArchiveManifest } from "../../src/domain/manifest.ts";
import type { DumpOutcome } from "../../src/ports/data-mover.ts";
import type { KeyWrapper } from "../../src/ports/key-wrapper.ts";
import { createRig, type MoverRig, quietControl } from "../adapters/postgres/mover/mover-rig.ts";
import { refuse } from "../support/key-vault-refusal.ts";
import { type KeyVaultStandIn, startKeyVault } from "../support/key-vault-stand-in.ts";
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

  it("asks for its data key once to be restored, before it creates the database", async () => {
    const asked: string[] = [];
    const counting: KeyWrapper = {
      ...keys,
      unwrap: async (name, wrapped) => {
        asked.push(await cluster.psql("SELECT count(*) FROM pg_database WHERE datname = 'once'"));
        return keys.unwrap(name, wrapped);
      },
    };
    const { mover } = createRig(cluster, { keys: counting, wrap: () => rig.blobs });
    await mover.restoreDatabase(rig.request(outcome, "once"), quietControl());
    expect(asked.map((count) => count.trim())).toEqual(["0"]);
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

  describe("by hand", () => {
    const handAt = (name: string): string => join(folder, name);
    beforeAll(async () => {
      await layOut(rig, outcome, folder);
      await writeFile(handAt("key"), key);
      await writeFile(handAt("strange-key"), randomBytes(32));
    });

    it("restores with the key file", async () => {
      await byHand(folder, handAt("out"), { PGVAULT_KEY_FILE: handAt("key") });
      await cluster.psql("CREATE DATABASE hand TEMPLATE template0");
      await stock("pg_restore", ["-Fd", "-j4", "-e", "-d", "hand", handAt("out")]);
      expect(await rig.differences("src", "hand")).toEqual([]);
    });

    it.each<[string, () => Record<string, string>, RegExp]>([
      ["without a key", () => ({}), /PGVAULT_KEY_FILE or PGVAULT_DATA_KEY/],
      [
        "with another key file",
        () => ({ PGVAULT_KEY_FILE: handAt("strange-key") }),
        /does not unwrap what file:vault wrapped/,
      ],
      [
        "with another data key",
        () => ({ PGVAULT_DATA_KEY: randomBytes(32).toString("hex") }),
        /not its data key/,
      ],
    ])("is refused %s", async (_how, keyOf, message) => {
      await expect(byHand(folder, handAt("never"), keyOf())).rejects.toThrow(message);
      expect(existsSync(handAt("never"))).toBe(false);
    });

    it("is refused when its manifest was changed", async () => {
      const manifest = { archive: swapped(outcome.archive) };
      await writeFile(handAt("manifest.json"), JSON.stringify(manifest));
      const attempt = byHand(folder, handAt("never"), { PGVAULT_KEY_FILE: handAt("key") });
      await expect(attempt).rejects.toThrow(/the manifest was changed/);
      expect(existsSync(handAt("never"))).toBe(false);
    });
  });
});

describe("a recovery point under a Key Vault key", () => {
  let vault: KeyVaultStandIn;
  let routed: KeyWrapper;
  let vaultRig: MoverRig;
  let sealed: DumpOutcome;
  beforeAll(async () => {
    vault = await startKeyVault();
    vault.addKey("main");
    const token = { token: "good", expiresOnTimestamp: Date.now() + 3_600_000 };
    const keyVault = createVaultKeyWrapper({
      credential: { getToken: async () => token },
      clock: createManualClock(),
      client: vault.clientOptions,
    });
    routed = createKeyRouter({ files: keys, keyVault });
    vaultRig = createRig(cluster, { keys: routed });
    sealed = await vaultRig.dump("src", { encryptionKeyId: vault.keyId("main") });
    vault.addKey("main");
  });
  afterAll(() => vault.stop());

  it("names the version that wrapped it, and comes back equal after the key was rotated", async () => {
    expect(sealed.archive.encryption?.keyId).toBe(vault.keyId("main", 1));
    await vaultRig.restore(sealed, "unsealed");
    expect(await vaultRig.differences("src", "unsealed")).toEqual([]);
  });

  it("restores by hand with the data key that the vault unwrapped", async () => {
    const hand = join(folder, "vault");
    await mkdir(hand);
    await layOut(vaultRig, sealed, hand);
    // What `az keyvault key decrypt --algorithm RSA-OAEP-256` answers for the manifest's wrappedKey.
    const wrapped = Buffer.from(sealed.archive.encryption?.wrappedKey ?? "", "base64");
    const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    const dataKey = privateDecrypt(
      { key: vault.keys.get("main")![0]!.privateKey, ...oaep },
      wrapped,
    );
    await byHand(hand, join(hand, "out"), { PGVAULT_DATA_KEY: dataKey.toString("hex") });
    await cluster.psql("CREATE DATABASE hand_vault TEMPLATE template0");
    await stock("pg_restore", ["-Fd", "-j4", "-e", "-d", "hand_vault", join(hand, "out")]);
    expect(await vaultRig.differences("src", "hand_vault")).toEqual([]);
  });

  it("is not dumped at all with a key that cannot unwrap", async () => {
    vault.addKey("half");
    const allowed = /\/(wrapkey)?$/;
    vault.misbehave = (response, path) =>
      allowed.test(path) ? undefined : refuse(response, 403, "Forbidden", "ForbiddenByRbac");
    const fresh = createRig(cluster, { keys: routed });
    const dump = fresh.dump("src", { encryptionKeyId: vault.keyId("half") });
    await expect(dump).rejects.toMatchObject({
      fault: { code: "UserErrorMissingPermissionsOnEncryptionKey" },
    });
    vault.misbehave = undefined;
    expect(fresh.blobs.paths()).toEqual([]);
    expect(vault.seen.at(-1)).toContain("/wrapkey");
  });
});

/** Puts manifest and packs into a folder, as somebody would download them. */
async function layOut({ blobs, folder: from }: MoverRig, { archive }: DumpOutcome, to: string) {
  for (const { name } of archive.packs)
    await writeFile(join(to, name), (await blobs.get(`${from}/${name}`)) ?? "");
  await writeFile(join(to, "manifest.json"), JSON.stringify({ archive }));
}

const byHand = (from: string, out: string, env: Record<string, string>) => {
  const script = new URL("../../scripts/restore-by-hand.sh", import.meta.url).pathname;
  return stock(script, [join(from, "manifest.json"), from, out], env);
};

/** Stock tools, as a person would use them. */
const stock = (tool: string, args: readonly string[], env: Record<string, string> = {}) =>
  run(tool, args, {
    env: {
      PATH: `${cluster.binaries.binDir}:${process.env["PATH"]}`,
      PGHOST: cluster.host,
      PGPORT: String(cluster.port),
      PGUSER: cluster.user,
      PGPASSWORD: cluster.password,
      ...env,
    },
  });
