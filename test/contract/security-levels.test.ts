import { describe, expect, test } from "vitest";
import { securityLevelsOf } from "../../src/contract/security-levels.ts";
import type { RedundancyType, Vault } from "../../src/domain/vault.ts";

const vaultWith = (
  softDelete: string,
  immutability: "Disabled" | "Unlocked" | "Locked",
  redundancy: RedundancyType,
): Vault => ({
  subscriptionId: "s",
  resourceGroup: "g",
  vaultName: "v",
  location: "l",
  storageSettings: [{ datastoreType: "VaultStore", type: redundancy }],
  softDelete: { state: softDelete, retentionDurationInDays: 14 },
  immutability: { state: immutability },
  provisioningState: "Succeeded",
  createdAt: "",
  createdBy: "",
  lastModifiedAt: "",
  lastModifiedBy: "",
});

describe("how well a vault withstands loss and malice", () => {
  test.each([
    // The first two are recorded answers of the service.
    ["OFF", "Disabled", "LocallyRedundant", false, "None", "Poor"],
    ["On", "Locked", "GeoRedundant", false, "Adequate", "Good"],
    ["On", "Disabled", "LocallyRedundant", false, "Minimum", "Fair"],
    ["Off", "Unlocked", "ZoneRedundant", false, "Minimum", "Fair"],
    ["On", "Unlocked", "ZoneRedundant", true, "Adequate", "Fair"],
    ["AlwaysOn", "Locked", "GeoRedundant", false, "Adequate", "Excellent"],
    ["AlwaysOn", "Locked", "GeoRedundant", true, "Maximum", "Excellent"],
  ] as const)(
    "soft delete %s, immutability %s, %s, guarded %s: %s, %s",
    (softDelete, immutability, redundancy, guarded, secureScore, bcdrSecurityLevel) => {
      expect(securityLevelsOf(vaultWith(softDelete, immutability, redundancy), guarded)).toEqual({
        secureScore,
        bcdrSecurityLevel,
      });
    },
  );
});
