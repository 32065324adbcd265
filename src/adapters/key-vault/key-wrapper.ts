import type { TokenCredential } from "@azure/core-auth";
import { isRestError } from "@azure/core-rest-pipeline";
import {
  CryptographyClient,
  KeyClient,
  type KeyClientOptions,
  type KeyVaultKey,
  type KeyWrapAlgorithm,
} from "@azure/keyvault-keys";
import { type Fault, FaultError, fault } from "../../domain/fault.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KeyWrapper } from "../../ports/key-wrapper.ts";
import { translateVaultError } from "./vault-error.ts";
import { keyFaults, unusableKey } from "./vault-faults.ts";
import { defaultLimitMs, retryOptions } from "./vault-requests.ts";
import { keyVaultSuffixes, parseVaultUri, type VaultObject } from "./vault-uri.ts";

export interface VaultKeyOptions {
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** DNS suffixes of the vaults that may be asked: an id comes from a manifest as well. */
  readonly allowedSuffixes?: readonly string[];
  /** Time for one wrap or unwrap with all its attempts. */
  readonly limitMs?: number;
  readonly client?: KeyClientOptions;
}

const algorithm: KeyWrapAlgorithm = "RSA-OAEP-256";
/** Of AES-256. */
const dataKeyBytes = 32;

/**
 * RSA keys in Key Vault, addressed as `https://<vault>/keys/<name>[/<version>]`. Without a version
 * the latest wraps, and its version is in the id that `wrap` answers, so that what it wrapped can be
 * unwrapped after the key was rotated.
 */
export function createVaultKeyWrapper(options: VaultKeyOptions): KeyWrapper {
  const { credential, clock, allowedSuffixes = keyVaultSuffixes } = options;
  const { limitMs = defaultLimitMs } = options;
  // The SDK writes into the options that it is given.
  const clientOptions = () => ({ retryOptions, ...options.client });
  const cryptographyOf = (key: VaultObject): CryptographyClient =>
    new CryptographyClient(bare(key), credential, clientOptions());

  /** Parses the id, bounds the time, and turns every failure into a fault. */
  const withKey = async <T>(
    keyId: string,
    use: (key: VaultObject, call: { readonly abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> => {
    const faults = keyFaults(keyId);
    const key = parseVaultUri("keys", keyId, allowedSuffixes);
    if (typeof key === "string") throw new FaultError(unusableKey(keyId, key));
    const abortSignal = AbortSignal.timeout(limitMs);
    try {
      return await use(key, { abortSignal });
    } catch (error) {
      throw translateVaultError(error, faults, abortSignal.aborted ? limitMs : undefined);
    }
  };

  return {
    wrap: (keyId, dataKey) =>
      withKey(keyId, async ({ vaultUrl, name, version }, call) => {
        const keys = new KeyClient(vaultUrl, credential, clientOptions());
        const pinned = version === undefined ? {} : { version };
        const found = await keys.getKey(name, { ...call, ...pinned });
        const problem = problemOf(keyId, found, clock.now());
        if (problem !== undefined) throw new FaultError(problem);
        const used = { vaultUrl, name, version: found.properties.version ?? "" };
        const { result } = await cryptographyOf(used).wrapKey(algorithm, dataKey, call);
        return { keyId: idOf(used), wrappedKey: result };
      }),
    unwrap: (keyId, wrappedKey) =>
      withKey(keyId, async (key, call) => {
        const unwrapped = await cryptographyOf(key)
          .unwrapKey(algorithm, wrappedKey, call)
          .catch((error: unknown) => {
            if (isRestError(error) && error.statusCode === 400) throw foreign(keyId, error);
            throw error;
          });
        if (unwrapped.result.length !== dataKeyBytes) throw foreign(keyId);
        return unwrapped.result;
      }),
  };
}

/**
 * Asked before wrapping only. Key Vault itself wraps with a disabled key, and unwraps with an expired
 * one: old recovery points stay readable, new ones are not made.
 */
function problemOf(
  keyId: string,
  { properties, keyType, keyOperations }: KeyVaultKey,
  nowMs: number,
): Fault | undefined {
  const { enabled, expiresOn, notBefore } = properties;
  if (enabled === false) return keyFaults(keyId).disabled;
  if (expiresOn !== undefined && expiresOn.getTime() <= nowMs) {
    return unusableKey(keyId, `it expired at ${expiresOn.toISOString()}.`, "Rotate the key.");
  }
  if (notBefore !== undefined && notBefore.getTime() > nowMs) {
    return unusableKey(keyId, `it is valid from ${notBefore.toISOString()} only.`);
  }
  if (keyType !== "RSA" && keyType !== "RSA-HSM") {
    return unusableKey(keyId, `it is of type ${keyType ?? "unknown"}, only RSA will do.`);
  }
  const lacking = ["wrapKey", "unwrapKey"].filter((name) => !keyOperations?.includes(name));
  return lacking.length === 0
    ? undefined
    : unusableKey(
        keyId,
        `its permitted operations lack ${lacking.join(" and ")}.`,
        "Permit them (az keyvault key set-attributes --ops).",
      );
}

/**
 * A key as the SDK holds one that it has read. Given only its id, the SDK would read the key at each
 * use, and refuse by itself to unwrap with one that has expired.
 */
const bare = (key: VaultObject): KeyVaultKey => ({
  id: idOf(key),
  name: key.name,
  properties: { name: key.name, vaultUrl: key.vaultUrl },
});

const idOf = ({ vaultUrl, name, version }: VaultObject): string =>
  `${vaultUrl}/keys/${name}${version === undefined ? "" : `/${version}`}`;

const foreign = (keyId: string, cause?: unknown): FaultError => {
  const detail = `its data key was not wrapped with ${keyId}`;
  return new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint: keyId, detail }), { cause });
};
