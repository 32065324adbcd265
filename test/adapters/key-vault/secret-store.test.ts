import { describe, expect, it } from "vitest";
import {
  createKeyVaultSecretStore,
  type KeyVaultOptions,
} from "../../../src/adapters/key-vault/secret-store.ts";
import { refuse } from "../../support/key-vault-refusal.ts";
import { keyVaultTestOptions, useKeyVault } from "../../support/key-vault-scene.ts";
import type { KeyVaultStandIn, Misbehaviour } from "../../support/key-vault-stand-in.ts";

let vault: KeyVaultStandIn;
useKeyVault((started) => {
  vault = started;
});

const scopes: unknown[] = [];
const tokenOf = (token: string): KeyVaultOptions["credential"] => ({
  getToken: async (scope) => {
    scopes.push(scope);
    return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  },
});
const storeWith = (changes: Partial<KeyVaultOptions> = {}) =>
  createKeyVaultSecretStore({
    credential: tokenOf("good"),
    ...keyVaultTestOptions(vault),
    ...changes,
  });

describe("Key Vault through the real SDK", () => {
  it("answers the challenge with a token for Key Vault, and keeps the secret nowhere", async () => {
    vault.secrets.set("pg1", [{ value: "first" }, { value: "second" }]);
    const store = storeWith();
    expect(await store.read(vault.uri("pg1"))).toBe("second");
    expect(await store.read(vault.uri("pg1"))).toBe("second");
    expect(vault.seen).toEqual(["Bearer good /secrets/pg1/", "Bearer good /secrets/pg1/"]);
    expect(scopes.flat()).toContain("https://vault.azure.net/.default");
  });

  it("reads the version that is named", async () => {
    vault.secrets.set("pg1", [{ value: "first" }, { value: "second" }]);
    expect(await storeWith().read(vault.uri("pg1", 1))).toBe("first");
    await expect(storeWith().read(vault.uri("pg1", 9))).rejects.toMatchObject({
      fault: { code: "UserErrorInvalidSecret" },
    });
  });

  it.each([
    ["disabled", { enabled: false }, "disabled"],
    ["expired", { expiresAt: "2026-06-01T00:00:00Z" }, "expired at 2026-06-01"],
    ["not yet valid", { notBeforeAt: "2026-06-02T00:00:00Z" }, "valid from 2026-06-02"],
  ])("says that a secret is %s", async (_what, attributes, advice) => {
    vault.secrets.set("pg1", [{ value: "hidden", ...attributes }]);
    const fault = await faultOf(storeWith().read(vault.uri("pg1")));
    expect(fault.code).toBe("UserErrorInvalidSecret");
    expect(fault.recommendedAction[0]).toContain(advice);
  });

  it("takes a secret inside its time", async () => {
    const times = { notBeforeAt: "2026-05-31T00:00:00Z", expiresAt: "2026-06-02T00:00:00Z" };
    vault.secrets.set("pg1", [{ value: "valid", ...times }]);
    expect(await storeWith().read(vault.uri("pg1"))).toBe("valid");
  });

  it("waits as long as Retry-After says, then reads", async () => {
    vault.secrets.set("pg1", [{ value: "patient" }]);
    let refusals = 0;
    vault.misbehave = (response) =>
      refusals++ < 1
        ? refuse(response, 429, "Throttled", undefined, { "retry-after": "1" })
        : undefined;
    const startedAt = performance.now();
    expect(await storeWith().read(vault.uri("pg1"))).toBe("patient");
    expect(performance.now() - startedAt).toBeGreaterThan(950);
  });

  const always = (answer: Misbehaviour): Misbehaviour => answer;
  it.each([
    [
      "no role",
      always((r) => refuse(r, 403, "Forbidden", "ForbiddenByRbac")),
      { code: "UserErrorMissingPermissionsOnSecretStore", retryable: false },
    ],
    [
      "no access policy",
      always((r) => refuse(r, 403, "Forbidden", "ForbiddenByPolicy")),
      { code: "UserErrorMissingPermissionsOnSecretStore", retryable: false },
    ],
    [
      "a firewall",
      always((r) => refuse(r, 403, "Forbidden", "ForbiddenByFirewall")),
      { code: "UserErrorInvalidSecretStore", retryable: false },
    ],
    [
      "throttling without end",
      always((r) => refuse(r, 429, "Throttled")),
      { code: "UserErrorInvalidSecretStore", retryable: true },
    ],
    [
      "an outage",
      always((r) => refuse(r, 503, "ServiceUnavailable")),
      { code: "UserErrorInvalidSecretStore", retryable: true },
    ],
    [
      "connections that are cut",
      always((r) => {
        r.socket?.destroy();
        return "answered";
      }),
      { code: "UserErrorInvalidSecretStore", retryable: true },
    ],
    ["silence", always(() => "answered"), { code: "UserErrorInvalidSecretStore", retryable: true }],
    [
      "a challenge for another resource",
      always((r) =>
        refuse(r, 401, "Unauthorized", undefined, {
          "www-authenticate": `Bearer authorization="https://login.microsoftonline.com/t", resource="https://evil.example"`,
        }),
      ),
      { code: "UserErrorInvalidSecretStore", retryable: false },
    ],
  ])("has one code for %s", async (_what, misbehave, expected) => {
    vault.secrets.set("pg1", [{ value: "hidden" }]);
    vault.misbehave = misbehave;
    const fault = await faultOf(storeWith({ limitMs: 1_000 }).read(vault.uri("pg1")));
    expect(fault).toMatchObject(expected);
    expect(fault.message).toContain(vault.uri("pg1"));
    expect(JSON.stringify(fault)).not.toContain("oid=1234");
    expect(vault.seen).toEqual([]);
  });

  it("tells a vault that is not there from one that refuses the token", async () => {
    const away = "https://main.vault.azure.net:1/secrets/pg1";
    expect(await faultOf(storeWith().read(away))).toMatchObject({
      code: "UserErrorInvalidSecretStore",
      retryable: true,
    });
    const stranger = storeWith({ credential: tokenOf("bad") });
    expect(await faultOf(stranger.read(vault.uri("pg1")))).toMatchObject({
      code: "UserErrorMissingPermissionsOnSecretStore",
    });
  });

  it("says that pgvault itself has no identity", async () => {
    const none = {
      getToken: () => {
        const error = new Error("no managed identity endpoint found");
        error.name = "CredentialUnavailableError";
        return Promise.reject(error);
      },
    };
    expect(await faultOf(storeWith({ credential: none }).read(vault.uri("pg1")))).toMatchObject({
      code: "UserErrorMissingPermissionsOnSecretStore",
    });
  });
});

async function faultOf(
  reading: Promise<string>,
): Promise<{ code: string; message: string; recommendedAction: string[] }> {
  const outcome = await reading.catch((error: unknown) => error);
  expect(outcome).toHaveProperty("fault");
  return (outcome as { fault: { code: string; message: string; recommendedAction: string[] } })
    .fault;
}
