import { FaultError, fault } from "../../domain/fault.ts";
import type { KeyWrapper } from "../../ports/key-wrapper.ts";

export interface KeyRouterOptions {
  /** For `file:<name>`; absent: there are no key files here. */
  readonly files?: KeyWrapper;
  /** For ids of Key Vault keys. */
  readonly keyVault: KeyWrapper;
}

/** One KeyWrapper for every key id: key files by their prefix, all others in Key Vault. */
export function createKeyRouter({ files, keyVault }: KeyRouterOptions): KeyWrapper {
  const keeperOf = (key: string): KeyWrapper => {
    const keeper = key.startsWith("file:") ? files : keyVault;
    if (keeper !== undefined) return keeper;
    const detail = "key files lie in the state folder, and PGVAULT_STATE is not set.";
    throw new FaultError(fault("UserErrorEncryptionKeyUnusable", { key, detail }, { target: key }));
  };
  return {
    wrap: async (keyId, dataKey) => keeperOf(keyId).wrap(keyId, dataKey),
    unwrap: async (keyId, wrappedKey) => keeperOf(keyId).unwrap(keyId, wrappedKey),
  };
}
