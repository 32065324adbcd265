import type { Vault } from "../domain/vault.ts";

export interface SecurityLevels {
  readonly secureScore: "None" | "Minimum" | "Adequate" | "Maximum";
  readonly bcdrSecurityLevel: "Poor" | "Fair" | "Good" | "Excellent";
}

/**
 * How well a vault withstands loss and malice. The service's formula is not public; this one agrees
 * with every recorded answer (arm-contract.md §3.1) and rises with each protection that is added.
 */
export function securityLevelsOf(vault: Vault, guarded: boolean): SecurityLevels {
  const softDelete = vault.softDelete?.state.toLowerCase() ?? "off";
  const immutability = vault.immutability?.state ?? "Disabled";
  const keepsDeleted = softDelete !== "off";
  const irrevocable = softDelete === "alwayson" && immutability === "Locked";
  return {
    secureScore:
      !keepsDeleted && immutability === "Disabled"
        ? "None"
        : irrevocable && guarded
          ? "Maximum"
          : keepsDeleted && immutability !== "Disabled"
            ? "Adequate"
            : "Minimum",
    bcdrSecurityLevel: bcdrLevelOf(vault, keepsDeleted, irrevocable),
  };
}

function bcdrLevelOf(
  vault: Vault,
  keepsDeleted: boolean,
  irrevocable: boolean,
): SecurityLevels["bcdrSecurityLevel"] {
  const geo = vault.storageSettings.some(({ type }) => type === "GeoRedundant");
  const zone = vault.storageSettings.some(({ type }) => type === "ZoneRedundant");
  if (geo && irrevocable) return "Excellent";
  if (geo && keepsDeleted) return "Good";
  return geo || zone || keepsDeleted ? "Fair" : "Poor";
}
