import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyVaultSecretStore } from "../../src/adapters/key-vault/secret-store.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createSecretsFile } from "../../src/adapters/secrets/secrets-file.ts";
import type { SecretStore } from "../../src/ports/secret-store.ts";
import { type KeyVaultStandIn, startKeyVault } from "../support/key-vault-stand-in.ts";

let vault: KeyVaultStandIn;
let dir: string;
beforeAll(async () => {
  vault = await startKeyVault();
  dir = await mkdtemp(join(tmpdir(), "secrets-"));
});
afterAll(async () => {
  await vault.stop();
  await rm(dir, { recursive: true });
});

interface Bench {
  readonly store: SecretStore;
  readonly uri: (name: string) => string;
  readonly write: (name: string, value: string) => Promise<unknown>;
}

const benches: readonly [string, () => Bench][] = [
  [
    "the local secrets file",
    () => {
      const path = join(dir, "secrets.json");
      const secrets: Record<string, string> = {};
      return {
        store: createSecretsFile({ path }),
        uri: (name) => `https://pgvault.localhost/secrets/${name}`,
        write: (name, value) => {
          secrets[name] = value;
          return writeFile(path, JSON.stringify(secrets), { mode: 0o600 });
        },
      };
    },
  ],
  [
    "Key Vault",
    () => ({
      store: createKeyVaultSecretStore({
        credential: {
          getToken: async () => ({ token: "good", expiresOnTimestamp: Date.now() + 3_600_000 }),
        },
        clock: createManualClock(),
        client: vault.clientOptions,
      }),
      uri: (name) => vault.uri(name),
      write: async (name, value) =>
        vault.secrets.set(name, [...(vault.secrets.get(name) ?? []), { value }]),
    }),
  ],
];

describe.each(benches)("SecretStore over %s", (_, create) => {
  it("reads a secret, and its new value at once after it was changed", async () => {
    const { store, uri, write } = create();
    await write("pg1", "Host=h;Password=old");
    expect(await store.read(uri("pg1"))).toBe("Host=h;Password=old");
    await write("pg1", "Host=h;Password=nëw 'quoted'");
    expect(await store.read(uri("pg1"))).toBe("Host=h;Password=nëw 'quoted'");
    expect(await store.read(`${uri("pg1")}/`)).toBe("Host=h;Password=nëw 'quoted'");
  });

  it("names a secret that does not exist", async () => {
    const { store, uri, write } = create();
    await write("pg1", "x");
    for (const name of ["absent", "constructor", "PG2"]) {
      await expect(store.read(uri(name))).rejects.toMatchObject({
        fault: {
          code: "UserErrorInvalidSecret",
          message: expect.stringContaining(uri(name)),
          retryable: false,
        },
      });
    }
  });

  it.each([
    "",
    "not a uri",
    "http://main.vault.azure.net/secrets/a",
    "https://main.vault.azure.net/secrets/",
    "https://main.vault.azure.net/keys/a",
    "https://main.vault.azure.net/secrets/a/b/c",
    "https://user:pw@main.vault.azure.net/secrets/a",
    "https://evil.example/secrets/a",
    "https://vault.azure.net.evil.example/secrets/a",
    "https://169.254.169.254/secrets/a",
  ])("asks nobody for %j", async (uri) => {
    const { store } = create();
    await expect(store.read(uri)).rejects.toMatchObject({
      fault: { code: "UserErrorInvalidSecretStore" },
    });
  });
});
