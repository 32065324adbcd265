import type { TokenCredential } from "@azure/core-auth";
import type { AzureBackup } from "../../../src/adapters/azure-backup/azure-backup.ts";

const sdkName = "@azure/arm-dataprotection";

interface SdkOptions {
  readonly endpoint: string;
  readonly credentials: { readonly scopes: readonly string[] };
  readonly tlsOptions: { readonly ca: string };
  readonly retryOptions: { readonly maxRetries: number };
}

/** What is used of the package: its client has the methods of our own interface. */
interface Sdk {
  readonly DataProtectionClient: new (
    credential: TokenCredential,
    subscriptionId: string,
    options: SdkOptions,
  ) => AzureBackup;
}

/** The SDK of Azure Backup; undefined where the registry did not carry this optional dependency. */
export async function loadSdk(): Promise<Sdk | undefined> {
  try {
    // By a variable: the compiler must not ask for a package that may be absent.
    return (await import(sdkName)) as Sdk;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}

export function openSdk(
  sdk: Sdk,
  place: { endpoint: string; subscriptionId: string; token: string; certificate: string },
): AzureBackup {
  const credential: TokenCredential = {
    getToken: async () => ({ token: place.token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return new sdk.DataProtectionClient(credential, place.subscriptionId, {
    endpoint: place.endpoint,
    credentials: { scopes: [`${place.endpoint}/.default`] },
    tlsOptions: { ca: place.certificate },
    retryOptions: { maxRetries: 0 },
  });
}
