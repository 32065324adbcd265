import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/composition/config.ts";

const local = { PGVAULT_STORAGE: "x", PGVAULT_AUTH: "local", PGVAULT_STATE: "/tmp/pgvault-state" };
const cloud = {
  PGVAULT_STORAGE: "https://account.blob.core.windows.net",
  PGVAULT_ENTRA_TENANT: "tenant",
  PGVAULT_ENTRA_AUDIENCE: "audience",
};
const withKey = (base: Record<string, string>, key: string) => () =>
  readConfig({ ...base, PGVAULT_ENCRYPTION_KEY: key });

describe("PGVAULT_ENCRYPTION_KEY", () => {
  it.each([
    "file:main",
    "https://kv1.vault.azure.net/keys/main",
    "https://kv1.vault.azure.net/keys/main/0123456789abcdef0123456789abcdef",
    "https://kv1.vault.azure.cn/keys/main",
    "https://kv1.vault.usgovcloudapi.net/keys/main",
  ])("takes %s", (key) => {
    expect(withKey(local, key)().PGVAULT_ENCRYPTION_KEY).toBe(key);
  });

  it("needs a state folder for a key file only", () => {
    expect(withKey(cloud, "https://kv1.vault.azure.net/keys/main")).not.toThrow();
    expect(withKey(cloud, "file:main")).toThrow(/PGVAULT_STATE: required with.*file:NAME/);
  });

  it.each([
    ["file:", /must be 'file:NAME', a file/],
    ["file:../main", /must be 'file:NAME', a file/],
    ["main", /'file:NAME' or the id of a Key Vault key; it is not of the form/],
    ["https://kv1.vault.azure.net/secrets/main", /not of the form .*\/keys\/NAME/],
    ["http://kv1.vault.azure.net/keys/main", /not of the form/],
    ["https://evil.example/keys/main", /evil\.example is not a Key Vault/],
  ])("refuses %s at start", (key, message) => {
    expect(withKey(local, key)).toThrow(message);
    expect(withKey(local, key)).toThrow(/PGVAULT_ENCRYPTION_KEY/);
  });
});
