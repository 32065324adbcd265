import { FaultError, fault } from "../../domain/fault.ts";
import type { SecretStore } from "../../ports/secret-store.ts";
import { parseSecretUri } from "./secret-uri.ts";
import { localSecretHost } from "./secrets-file.ts";

export interface SecretRouterOptions {
  readonly local?: SecretStore;
  readonly keyVault?: SecretStore;
}

/** One SecretStore for every URI: local ones by their host, all others in Key Vault. */
export function createSecretRouter(options: SecretRouterOptions): SecretStore {
  return {
    async read(uri) {
      const isLocal = parseSecretUri(uri).host === localSecretHost;
      const store = isLocal ? options.local : options.keyVault;
      if (store !== undefined) return await store.read(uri);
      const detail = isLocal
        ? "this pgvault has no local secrets; use the URI of a Key Vault secret."
        : `this pgvault reads local secrets only; use https://${localSecretHost}/secrets/NAME.`;
      throw new FaultError(fault("UserErrorInvalidSecretStore", { secret: uri, detail }));
    },
  };
}
