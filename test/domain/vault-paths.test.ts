import { describe, expect, it } from "vitest";
import {
  archiveFolder,
  instancePath,
  leaseName,
  manifestPath,
  packFolder,
  parseVaultPath,
  policyPath,
  rehydratedFolder,
  serverLeaseName,
  vaultPath,
} from "../../src/domain/vault-paths.ts";

const vault = { subscriptionId: "SUB", resourceGroup: "Rg", vaultName: "Vault" };
const instance = { ...vault, instanceName: "Orders" };
const key = "sub/rg/vault";
const name = "orders";
const recoveryPointId = "cafe";

describe("paths of the vault", () => {
  it.each([
    [vaultPath(vault), { kind: "vault", key }],
    [policyPath(vault, "Daily"), { kind: "policy", key, name: "daily" }],
    [instancePath(instance), { kind: "instance", key, name }],
    [manifestPath(instance, "CAFE"), { kind: "manifest", key, name, recoveryPointId }],
    [
      `${packFolder(instance, "CAFE", "A1")}/0001.pack`,
      { kind: "pack", key, name, recoveryPointId, copy: "packs", attempt: "a1" },
    ],
    [
      `${archiveFolder(instance, "CAFE", "A1")}/0001.pack`,
      { kind: "pack", key, name, recoveryPointId, copy: "archive", attempt: "a1" },
    ],
    [
      `${rehydratedFolder(instance, "CAFE", "A1")}/deep/0001.pack`,
      { kind: "pack", key, name, recoveryPointId, copy: "rehydrated", attempt: "a1" },
    ],
  ])("%s is lower-case and reads back", (path, parsed) => {
    expect(path).toBe(path.toLowerCase());
    expect(parseVaultPath(path)).toEqual(parsed);
  });

  it.each([
    "",
    "vaults/",
    "vaults/sub/rg/vault.json",
    "vaults/sub/rg/vault/vault.json.bak",
    "other/sub/rg/vault/vault.json",
    "vaults/sub/rg/vault/policies/a/b.json",
    "vaults/sub/rg/vault/instances/orders/recovery-points/cafe/packs/a1",
    "vaults/sub/rg/vault/instances/orders/recovery-points/cafe/other/a1/0001.pack",
  ])("%j is none of ours", (path) => {
    expect(parseVaultPath(path)).toBeUndefined();
  });

  it("leases of the same thing have the same name in any casing", () => {
    expect(leaseName(instance)).toBe(leaseName({ ...instance, instanceName: "ORDERS" }));
    expect(serverLeaseName("PG1:5432", 1)).toBe("servers/pg1:5432/1");
  });
});
