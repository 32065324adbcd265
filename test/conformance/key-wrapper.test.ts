import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVaultKeyWrapper } from "../../src/adapters/key-vault/key-wrapper.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createFileKeyWrapper } from "../../src/adapters/postgres/mover/file-key-wrapper.ts";
import { createKeyRouter } from "../../src/adapters/secrets/key-router.ts";
import type { KeyWrapper } from "../../src/ports/key-wrapper.ts";
import { type KeyVaultStandIn, startKeyVault } from "../support/key-vault-stand-in.ts";

let vault: KeyVaultStandIn;
const files = new Map<string, Uint8Array>();
beforeAll(async () => {
  vault = await startKeyVault();
  for (const name of ["main", "other"]) {
    vault.addKey(name);
    files.set(name, randomBytes(32));
  }
});
afterAll(() => vault.stop());

const fileKeys = () => createFileKeyWrapper(async (name) => files.get(name));
const vaultKeys = () =>
  createVaultKeyWrapper({
    credential: {
      getToken: async () => ({ token: "good", expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    clock: createManualClock(),
    client: vault.clientOptions,
  });
const router = () => createKeyRouter({ files: fileKeys(), keyVault: vaultKeys() });
const fileId = (name: string) => `file:${name}`;
const vaultId = (name: string) => vault.keyId(name);

const benches: readonly [string, () => KeyWrapper, (name: string) => string][] = [
  ["key files", fileKeys, fileId],
  ["Key Vault", vaultKeys, vaultId],
  ["key files by way of the router", router, fileId],
  ["Key Vault by way of the router", router, vaultId],
];

describe.each(benches)("KeyWrapper over %s", (_, create, idOf) => {
  const dataKey = randomBytes(32);
  const corrupt = { fault: { code: "RecoveryPointCorrupt", retryable: false } };

  it("gives back what it wrapped, and shows none of it", async () => {
    const keys = create();
    const { keyId, wrappedKey } = await keys.wrap(idOf("main"), dataKey);
    expect(keyId.startsWith(idOf("main"))).toBe(true);
    expect(Buffer.from(wrappedKey).includes(dataKey.subarray(0, 8))).toBe(false);
    expect(Buffer.from(await create().unwrap(keyId, wrappedKey))).toEqual(dataKey);
  });

  it("wraps the same key differently each time", async () => {
    const keys = create();
    const [one, other] = [
      await keys.wrap(idOf("main"), dataKey),
      await keys.wrap(idOf("main"), dataKey),
    ];
    expect(Buffer.from(one.wrappedKey).equals(Buffer.from(other.wrappedKey))).toBe(false);
  });

  it("wraps anew under the id that it answered", async () => {
    const keys = create();
    const { keyId } = await keys.wrap(idOf("main"), dataKey);
    expect((await keys.wrap(keyId, dataKey)).keyId).toBe(keyId);
  });

  it("does not unwrap what was changed, cut, or wrapped with another key", async () => {
    const keys = create();
    const { keyId, wrappedKey } = await keys.wrap(idOf("main"), dataKey);
    const changed = Buffer.from(wrappedKey);
    changed[20] = (changed[20] ?? 0) ^ 1;
    await expect(keys.unwrap(keyId, changed)).rejects.toMatchObject(corrupt);
    await expect(keys.unwrap(keyId, wrappedKey.slice(1))).rejects.toMatchObject(corrupt);
    await expect(keys.unwrap(keyId, new Uint8Array())).rejects.toMatchObject(corrupt);
    const other = await keys.wrap(idOf("other"), dataKey);
    await expect(keys.unwrap(keyId, other.wrappedKey)).rejects.toMatchObject(corrupt);
  });

  it("names a key that does not exist", async () => {
    for (const asking of [
      create().wrap(idOf("absent"), dataKey),
      create().unwrap(idOf("absent"), new Uint8Array(256)),
    ]) {
      await expect(asking).rejects.toMatchObject({
        fault: {
          code: "UserErrorEncryptionKeyUnusable",
          message: expect.stringContaining(idOf("absent")) as string,
          retryable: false,
        },
      });
    }
  });
});

describe("the router", () => {
  it("says where key files would be, where there are none", async () => {
    const keys = createKeyRouter({ keyVault: vaultKeys() });
    await expect(keys.unwrap("file:main", new Uint8Array(60))).rejects.toMatchObject({
      fault: {
        code: "UserErrorEncryptionKeyUnusable",
        message: expect.stringContaining("PGVAULT_STATE") as string,
      },
    });
  });
});
