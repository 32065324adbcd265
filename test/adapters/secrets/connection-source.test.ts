import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createConnectionSource,
  type IdentityLogin,
} from "../../../src/adapters/secrets/connection-source.ts";
import { createSecretRouter } from "../../../src/adapters/secrets/secret-router.ts";
import { createSecretsFile } from "../../../src/adapters/secrets/secrets-file.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "secrets-"));
});
afterEach(() => rm(dir, { recursive: true }));

const uri = "https://pgvault.localhost/secrets/pg1";
const datasourceId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/Orders-PG/databases/orders";
const storeOf = (value: string) => ({ read: () => Promise.resolve(value) });
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

describe("a connection from a secret", () => {
  const resolve = (value: string) =>
    createConnectionSource({ secretStore: storeOf(value) }).resolve(
      { kind: "secret", uri },
      datasourceId,
    );

  it("is what the secret says, the password hidden from printing", async () => {
    const connection = await resolve("Host=h;Username=u;Password=hunter2;Database=d");
    expect(connection).toMatchObject({ host: "h", user: "u", database: "d" });
    expect(connection.password.reveal()).toBe("hunter2");
    expect(JSON.stringify(connection)).not.toContain("hunter2");
  });

  it("carries the certificate that a path in the secret names", async () => {
    const path = join(dir, "ca.pem");
    await writeFile(path, pem);
    const base = "Host=h;Username=u;Password=p;Ssl Mode=VerifyFull;Root Certificate=";
    expect((await resolve(`${base}${path}`)).rootCertificate).toBe(pem);
    expect((await resolve(`${base}'${pem}'`)).rootCertificate).toBe(pem);
    for (const wrong of [join(dir, "absent.pem"), "/etc/hostname"]) {
      await expect(resolve(`${base}${wrong}`)).rejects.toMatchObject({
        fault: { code: "UserErrorSecretValueInUnsupportedFormat" },
      });
    }
  });

  it("names the secret that is no connection string, not what it holds", async () => {
    const outcome = await resolve("hunter2").catch((error: unknown) => error);
    expect(outcome).toMatchObject({
      fault: {
        code: "UserErrorSecretValueInUnsupportedFormat",
        message: expect.stringContaining(uri),
      },
    });
    expect(String(outcome)).not.toContain("hunter2");
  });
});

describe("a connection by Microsoft Entra identity", () => {
  const tokenWith = (claims: object) =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
  const managed = tokenWith({ xms_mirid: "/subscriptions/s/x/userAssignedIdentities/pgvault-id" });
  const resolve = (
    login: Partial<IdentityLogin> & { token?: string | null },
    id = datasourceId,
  ) => {
    const { token = managed, ...rest } = login;
    const credential = { getToken: async () => (token === null ? null : { token }) };
    return createConnectionSource({
      secretStore: storeOf(""),
      identity: { credential, ...rest },
    }).resolve({ kind: "identity" }, id);
  };

  it("uses a fresh token as password and the identity's name as role", async () => {
    const connection = await resolve({});
    expect(connection).toMatchObject({
      host: "Orders-PG.postgres.database.azure.com",
      port: 5432,
      user: "pgvault-id",
      sslMode: "require",
    });
    expect(connection.password.reveal()).toBe(managed);
  });

  it.each([
    [{ role: "backup_role" }, "backup_role"],
    [{ token: tokenWith({ upn: "ann@example.com" }) }, "ann@example.com"],
    [{ token: tokenWith({ unique_name: "bob@example.com" }) }, "bob@example.com"],
  ])("takes the role of %j", async (login, user) => {
    expect(await resolve(login)).toMatchObject({ user });
  });

  it("asks for a token of Azure Database for PostgreSQL at every call", async () => {
    const scopes: string[] = [];
    const credential = {
      getToken: async (scope: string) => {
        scopes.push(scope);
        return { token: managed };
      },
    };
    const source = createConnectionSource({ secretStore: storeOf(""), identity: { credential } });
    await source.resolve({ kind: "identity" }, datasourceId);
    await source.resolve({ kind: "identity" }, datasourceId);
    expect(scopes).toEqual(Array(2).fill("https://ossrdbms-aad.database.windows.net/.default"));
  });

  it.each([
    ["no token is issued", { token: null }, "UserErrorDBUserAuthFailed"],
    ["the token names nobody", { token: tokenWith({}) }, "UserErrorDBUserAuthFailed"],
    ["the token is opaque", { token: "opaque" }, "UserErrorDBUserAuthFailed"],
    [
      "the credential fails",
      { credential: { getToken: () => Promise.reject(new Error("no endpoint")) } },
      "UserErrorDBUserAuthFailed",
    ],
  ])("fails by a catalogued code when %s", async (_what, login, code) => {
    await expect(resolve(login)).rejects.toMatchObject({ fault: { code } });
  });

  it("is refused where there is no identity, or no server in the datasource's id", async () => {
    const none = createConnectionSource({ secretStore: storeOf("") });
    await expect(none.resolve({ kind: "identity" }, datasourceId)).rejects.toMatchObject({
      fault: { code: "UserErrorNotSupported" },
    });
    await expect(resolve({}, "nonsense")).rejects.toMatchObject({
      fault: { code: "UserErrorNotSupported" },
    });
  });
});

describe("the local secrets file", () => {
  const write = async (text: string, mode = 0o600) => {
    const path = join(dir, "secrets.json");
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };

  it.each([
    ["not JSON", '{"pg1": hunter2'],
    ["a list", '["hunter2"]'],
    ["null", "null"],
  ])("is named when it is %s, without a piece of it", async (_what, text) => {
    const store = createSecretsFile({ path: await write(text) });
    const outcome = await store.read(uri).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ fault: { code: "UserErrorInvalidSecretStore" } });
    expect(String(outcome)).toContain("secrets.json");
    expect(String(outcome)).not.toContain("hunter2");
  });

  it("is named when it is absent, and a value that is no text is no secret", async () => {
    const absent = createSecretsFile({ path: join(dir, "absent.json") });
    await expect(absent.read(uri)).rejects.toMatchObject({
      fault: { code: "UserErrorInvalidSecretStore", message: expect.stringContaining("ENOENT") },
    });
    const numbers = createSecretsFile({ path: await write('{"pg1": 5}') });
    await expect(numbers.read(uri)).rejects.toMatchObject({
      fault: { code: "UserErrorInvalidSecret" },
    });
  });

  it.each([
    [0o600, 0],
    [0o640, 1],
    [0o604, 1],
  ])("warns about mode %o as often as it should", async (mode, warnings) => {
    const said: string[] = [];
    const path = await write('{"pg1": "x"}', mode);
    const store = createSecretsFile({ path, onWarning: (message) => said.push(message) });
    expect(await store.read(uri)).toBe("x");
    expect(said).toHaveLength(warnings);
  });
});

describe("the secret router", () => {
  const vaultUri = "https://main.vault.azure.net/secrets/pg1";

  it("sends each URI to its store", async () => {
    const router = createSecretRouter({ local: storeOf("local"), keyVault: storeOf("vault") });
    expect(await router.read(uri)).toBe("local");
    expect(await router.read(vaultUri)).toBe("vault");
  });

  it("says which kind of URI this pgvault reads", async () => {
    const local = createSecretRouter({ local: storeOf("local") });
    await expect(local.read(vaultUri)).rejects.toThrow("local secrets only");
    const azure = createSecretRouter({ keyVault: storeOf("vault") });
    await expect(azure.read(uri)).rejects.toThrow("no local secrets");
  });
});
