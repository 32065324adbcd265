/** One version, or the latest, of one secret or key of one vault. */
export interface VaultObject {
  readonly vaultUrl: string;
  readonly name: string;
  /** Absent: the latest. */
  readonly version?: string;
}

/** DNS suffixes of vaults in Azure's public and sovereign clouds. */
export const keyVaultSuffixes = [
  ".vault.azure.net",
  ".vault.azure.cn",
  ".vault.usgovcloudapi.net",
] as const;

/**
 * Reads `https://<vault>/<collection>/<name>[/<version>]` of a host that ends in one of the
 * suffixes; otherwise what is wrong with it, as a sentence's end.
 */
export function parseVaultUri(
  collection: "secrets" | "keys",
  uri: string,
  suffixes: readonly string[] = keyVaultSuffixes,
): VaultObject | string {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const [, found, name = "", version] =
    /^\/(secrets|keys)\/([0-9A-Za-z-]{1,127})(?:\/([0-9A-Za-z]{1,64}))?\/?$/.exec(
      url?.pathname ?? "",
    ) ?? [];
  if (url?.protocol !== "https:" || url.username !== "" || found !== collection) {
    return `it is not of the form https://VAULT.vault.azure.net/${collection}/NAME.`;
  }
  if (!suffixes.some((suffix) => url.hostname.endsWith(suffix))) {
    return `${url.hostname} is not a Key Vault (${suffixes.join(", ")}).`;
  }
  return { vaultUrl: url.origin, name, ...(version === undefined ? {} : { version }) };
}
