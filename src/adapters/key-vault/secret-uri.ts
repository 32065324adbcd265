import { FaultError, fault } from "../../domain/fault.ts";

/** One secret of one vault. */
export interface VaultSecret {
  readonly vaultUrl: string;
  readonly name: string;
  /** Absent: the latest. */
  readonly version?: string;
}

/**
 * Reads `https://<vault>/secrets/<name>[/<version>]` of a host that ends in one of the suffixes;
 * `UserErrorInvalidSecretStore` otherwise.
 */
export function parseVaultSecretUri(uri: string, suffixes: readonly string[]): VaultSecret {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const match = /^\/secrets\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Za-z]{1,64}))?\/?$/.exec(
    url?.pathname ?? "",
  );
  if (url?.protocol !== "https:" || url.username !== "" || match === null) {
    throw refuse(uri, "it is not of the form https://VAULT.vault.azure.net/secrets/NAME.");
  }
  if (!suffixes.some((suffix) => url.hostname.endsWith(suffix))) {
    throw refuse(uri, `${url.hostname} is not a Key Vault (${suffixes.join(", ")}).`);
  }
  const [, name = "", version] = match;
  return { vaultUrl: url.origin, name, ...(version === undefined ? {} : { version }) };
}

const refuse = (secret: string, detail: string): FaultError =>
  new FaultError(fault("UserErrorInvalidSecretStore", { secret, detail }));
