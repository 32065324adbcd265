import { type Fault, fault } from "../../domain/fault.ts";

/** What can be said of a secret or key that Key Vault does not give. */
export interface VaultFaults {
  readonly absent: Fault;
  readonly disabled: Fault;
  /** Wrong address, network, outage. */
  readonly unreachable: (detail: string) => Fault;
  readonly forbidden: (detail: string) => Fault;
}

export const secretFaults = (secret: string): VaultFaults => ({
  absent: fault("UserErrorInvalidSecret", { secret }),
  disabled: fault(
    "UserErrorInvalidSecret",
    { secret },
    { recommendedAction: ["It is disabled: enable it."] },
  ),
  unreachable: (detail) => fault("UserErrorInvalidSecretStore", { secret, detail }),
  forbidden: (detail) => fault("UserErrorMissingPermissionsOnSecretStore", { secret, detail }),
});
export const keyFaults = (key: string): VaultFaults => ({
  absent: unusableKey(
    key,
    "its vault has no such key, or no such version.",
    "Correct the key's URI; if the key was deleted, recover it (az keyvault key recover).",
  ),
  disabled: unusableKey(key, "it is disabled.", "Enable that version of the key."),
  unreachable: (detail) =>
    fault("UserErrorEncryptionKeyUnreachable", { key, detail }, { target: key }),
  forbidden: (detail) =>
    fault("UserErrorMissingPermissionsOnEncryptionKey", { key, detail }, { target: key }),
});

export const unusableKey = (key: string, detail: string, ...recommendedAction: string[]): Fault =>
  fault("UserErrorEncryptionKeyUnusable", { key, detail }, { target: key, recommendedAction });
