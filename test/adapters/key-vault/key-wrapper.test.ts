import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  createVaultKeyWrapper,
  type VaultKeyOptions,
} from "../../../src/adapters/key-vault/key-wrapper.ts";
import type { Fault } from "../../../src/domain/fault.ts";
import type { StoredKey } from "../../support/key-vault-keys.ts";
import { refuse } from "../../support/key-vault-refusal.ts";
import { keyVaultTestOptions, useKeyVault } from "../../support/key-vault-scene.ts";
import type { KeyVaultStandIn, Misbehaviour } from "../../support/key-vault-stand-in.ts";

let vault: KeyVaultStandIn;
useKeyVault((started) => {
  vault = started;
});

const tokenOf = (token: string): VaultKeyOptions["credential"] => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});
const keysWith = (changes: Partial<VaultKeyOptions> = {}) =>
  createVaultKeyWrapper({
    credential: tokenOf("good"),
    ...keyVaultTestOptions(vault),
    ...changes,
  });
const dataKey = randomBytes(32);

describe("a Key Vault key through the real SDK", () => {
  it("wraps with the version that is the latest, says so, and unwraps with it", async () => {
    vault.addKey("main");
    const keys = keysWith();
    const { keyId, wrappedKey } = await keys.wrap(vault.keyId("main"), dataKey);
    expect(keyId).toBe(vault.keyId("main", 1));
    expect(wrappedKey.length).toBe(256);
    expect(Buffer.from(wrappedKey).includes(dataKey)).toBe(false);
    expect(Buffer.from(await keys.unwrap(keyId, wrappedKey))).toEqual(dataKey);
    expect(vault.seen).toEqual([
      "Bearer good /keys/main/",
      "Bearer good /keys/main/v1/wrapkey",
      "Bearer good /keys/main/v1/unwrapkey",
    ]);
  });

  it("unwraps after the key was rotated, and wraps with the new version", async () => {
    vault.addKey("main");
    const keys = keysWith();
    const old = await keys.wrap(vault.keyId("main"), dataKey);
    vault.addKey("main");
    expect(Buffer.from(await keys.unwrap(old.keyId, old.wrappedKey))).toEqual(dataKey);
    const renewed = await keys.wrap(vault.keyId("main"), dataKey);
    expect(renewed.keyId).toBe(vault.keyId("main", 2));
    await expect(keys.unwrap(renewed.keyId, old.wrappedKey)).rejects.toMatchObject({
      fault: { code: "RecoveryPointCorrupt", message: expect.stringContaining(renewed.keyId) },
    });
  });

  it("keeps to the version that is named", async () => {
    vault.addKey("main");
    vault.addKey("main");
    const { keyId } = await keysWith().wrap(vault.keyId("main", 1), dataKey);
    expect(keyId).toBe(vault.keyId("main", 1));
  });

  it.each<[string, Partial<StoredKey>, RegExp]>([
    ["is disabled", { enabled: false }, /disabled/],
    ["has expired", { expiresAt: "2026-06-01T00:00:00Z" }, /expired at 2026-06-01/],
    ["is not yet valid", { notBeforeAt: "2026-06-02T00:00:00Z" }, /valid from 2026-06-02/],
    ["is of another type", { type: "EC" }, /type EC/],
    ["may not unwrap", { operations: ["wrapKey"] }, /lack unwrapKey\./],
    ["may do neither", { operations: ["sign"] }, /lack wrapKey and unwrapKey/],
  ])("does not wrap with a key that %s", async (_what, changes, message) => {
    vault.addKey("main", changes);
    const fault = await faultOf(keysWith().wrap(vault.keyId("main"), dataKey));
    expect(fault).toMatchObject({
      code: "UserErrorEncryptionKeyUnusable",
      message: expect.stringMatching(message),
      target: vault.keyId("main"),
      retryable: false,
    });
    expect(vault.seen).toHaveLength(1);
  });

  it("unwraps with a key that has expired since, but not with a disabled one", async () => {
    const keys = keysWith();
    vault.addKey("main");
    const { keyId, wrappedKey } = await keys.wrap(vault.keyId("main"), dataKey);
    const change = (changes: Partial<StoredKey>) => {
      const [key] = vault.keys.get("main") ?? [];
      vault.keys.set("main", [{ ...key!, ...changes }]);
    };
    change({ expiresAt: "2026-01-01T00:00:00Z" });
    expect(Buffer.from(await keys.unwrap(keyId, wrappedKey))).toEqual(dataKey);
    change({ enabled: false });
    expect(await faultOf(keys.unwrap(keyId, wrappedKey))).toMatchObject({
      code: "UserErrorEncryptionKeyUnusable",
      message: expect.stringContaining("disabled"),
      recommendedAction: expect.arrayContaining(["Enable that version of the key."]),
    });
  });

  it("names a key or version that is not there", async () => {
    vault.addKey("main");
    const keys = keysWith();
    for (const asked of [
      keys.wrap(vault.keyId("absent"), dataKey),
      keys.wrap(vault.keyId("main", 9), dataKey),
      keys.unwrap(vault.keyId("main", 9), randomBytes(256)),
    ]) {
      expect(await faultOf(asked)).toMatchObject({
        code: "UserErrorEncryptionKeyUnusable",
        message: expect.stringMatching(/\/keys\/(absent|main\/v9)'.*no such key/),
        retryable: false,
      });
    }
  });

  const unreachable = "UserErrorEncryptionKeyUnreachable";
  const forbidden = "UserErrorMissingPermissionsOnEncryptionKey";
  it.each<[string, Misbehaviour, object]>([
    [
      "no role",
      (r) => refuse(r, 403, "Forbidden", "ForbiddenByRbac"),
      {
        code: forbidden,
        retryable: false,
        recommendedAction: [
          expect.stringMatching(/Key Vault Crypto User.*Wrap Key and Unwrap Key/),
        ],
      },
    ],
    [
      "no access policy",
      (r) => refuse(r, 403, "Forbidden", "ForbiddenByPolicy"),
      { code: forbidden, retryable: false },
    ],
    [
      "a key that may not even be read, being disabled",
      (r) => refuse(r, 403, "Forbidden", "KeyDisabled"),
      { code: "UserErrorEncryptionKeyUnusable", retryable: false },
    ],
    [
      "a firewall",
      (r) => refuse(r, 403, "Forbidden", "ForbiddenByFirewall"),
      { code: unreachable, retryable: false },
    ],
    [
      "throttling without end",
      (r) => refuse(r, 429, "Throttled"),
      { code: unreachable, retryable: true },
    ],
    [
      "an outage",
      (r) => refuse(r, 503, "ServiceUnavailable"),
      { code: unreachable, retryable: true },
    ],
    [
      "connections that are cut",
      (r) => {
        r.socket?.destroy();
        return "answered";
      },
      { code: unreachable, retryable: true },
    ],
    ["silence", () => "answered", { code: unreachable, retryable: true }],
  ])("has one code for %s, wrapping or unwrapping", async (_what, misbehave, expected) => {
    vault.addKey("main");
    vault.misbehave = misbehave;
    const keys = keysWith({ limitMs: 500 });
    const attempts = [
      keys.wrap(vault.keyId("main"), dataKey),
      keys.unwrap(vault.keyId("main", 1), randomBytes(256)),
    ];
    for (const fault of await Promise.all(attempts.map(faultOf))) {
      expect(fault).toMatchObject(expected);
      expect(fault.message).toContain(vault.keyId("main"));
      expect(JSON.stringify(fault)).not.toContain("oid=1234");
    }
  });

  it("tries again after an answer that passes", async () => {
    vault.addKey("main");
    let refusals = 0;
    vault.misbehave = (response, path) =>
      path.endsWith("/wrapkey") && refusals++ < 2 ? refuse(response, 503, "Busy") : undefined;
    await keysWith().wrap(vault.keyId("main"), dataKey);
    expect(refusals).toBeGreaterThan(2);
  });

  it("tells a vault that is not there from one that refuses the token", async () => {
    const away = keysWith().wrap("https://main.vault.azure.net:1/keys/main", dataKey);
    expect(await faultOf(away)).toMatchObject({ code: unreachable, retryable: true });
    vault.addKey("main");
    const stranger = keysWith({ credential: tokenOf("bad") });
    expect(await faultOf(stranger.wrap(vault.keyId("main"), dataKey))).toMatchObject({
      code: forbidden,
    });
  });

  it.each([
    "",
    "main",
    "http://main.vault.azure.net/keys/a",
    "https://main.vault.azure.net/secrets/a",
    "https://main.vault.azure.net/keys/a/b/c",
    "https://user:pw@main.vault.azure.net/keys/a",
    "https://vault.azure.net.evil.example/keys/a",
    "https://169.254.169.254/keys/a",
  ])("asks nobody for %j", async (keyId) => {
    for (const asked of [keysWith().wrap(keyId, dataKey), keysWith().unwrap(keyId, dataKey)]) {
      expect(await faultOf(asked)).toMatchObject({ code: "UserErrorEncryptionKeyUnusable" });
    }
    expect(vault.seen).toEqual([]);
  });
});

async function faultOf(asking: Promise<unknown>): Promise<Fault> {
  const outcome = await asking.catch((error: unknown) => error);
  expect(outcome).toHaveProperty("fault");
  return (outcome as { fault: Fault }).fault;
}
