import type { TokenCredential } from "@azure/core-auth";
import { SecretClient, type SecretClientOptions } from "@azure/keyvault-secrets";
import { FaultError, fault } from "../../domain/fault.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SecretStore } from "../../ports/secret-store.ts";
import { translateVaultError } from "./vault-error.ts";
import { secretFaults } from "./vault-faults.ts";
import { defaultLimitMs, retryOptions } from "./vault-requests.ts";
import { keyVaultSuffixes, parseVaultUri } from "./vault-uri.ts";

export interface KeyVaultOptions {
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /**
   * DNS suffixes of the vaults that may be asked. A secret URI comes from a request: without this
   * list it could send pgvault to any host that its network reaches.
   */
  readonly allowedSuffixes?: readonly string[];
  /** Time for one read with all its attempts. */
  readonly limitMs?: number;
  readonly client?: SecretClientOptions;
}

const maxClients = 100;

/** SecretStore over Azure Key Vault: every read asks anew, so a rotated secret counts at once. */
export function createKeyVaultSecretStore(options: KeyVaultOptions): SecretStore {
  const { credential, clock, allowedSuffixes = keyVaultSuffixes } = options;
  const { limitMs = defaultLimitMs } = options;
  // A client keeps the vault's challenge and its token, nothing of any secret.
  const clients = new Map<string, SecretClient>();

  const clientOf = (vaultUrl: string): SecretClient => {
    const known = clients.get(vaultUrl);
    if (known !== undefined) return known;
    if (clients.size >= maxClients) clients.clear();
    const created = new SecretClient(vaultUrl, credential, { retryOptions, ...options.client });
    clients.set(vaultUrl, created);
    return created;
  };

  return {
    async read(uri) {
      const secret = parseVaultUri("secrets", uri, allowedSuffixes);
      const faults = secretFaults(uri);
      if (typeof secret === "string") throw new FaultError(faults.unreachable(secret));
      const limit = AbortSignal.timeout(limitMs);
      try {
        const { name, version } = secret;
        const found = await clientOf(secret.vaultUrl).getSecret(name, {
          abortSignal: limit,
          ...(version === undefined ? {} : { version }),
        });
        checkValidity(uri, found.properties, clock.now());
        if (found.value === undefined) throw invalid(uri, "It has no value.");
        return found.value;
      } catch (error) {
        throw translateVaultError(error, faults, limit.aborted ? limitMs : undefined);
      }
    },
  };
}

/** Key Vault answers secrets before and after their time as well; it is up to the reader. */
function checkValidity(
  uri: string,
  { enabled, notBefore, expiresOn }: { enabled?: boolean; notBefore?: Date; expiresOn?: Date },
  nowMs: number,
): void {
  if (enabled === false) throw invalid(uri, "It is disabled: enable it.");
  if (expiresOn !== undefined && expiresOn.getTime() <= nowMs) {
    throw invalid(uri, `It expired at ${expiresOn.toISOString()}: add a new version.`);
  }
  if (notBefore !== undefined && notBefore.getTime() > nowMs) {
    throw invalid(uri, `It is valid from ${notBefore.toISOString()} only.`);
  }
}

const invalid = (secret: string, action: string): FaultError =>
  new FaultError(fault("UserErrorInvalidSecret", { secret }, { recommendedAction: [action] }));
