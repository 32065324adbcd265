import type { TokenCredential } from "@azure/core-auth";
import {
  BlobServiceClient,
  type ContainerClient,
  type StoragePipelineOptions,
} from "@azure/storage-blob";

/** Where the vault's container is; the account's key or SAS in the string, or a credential. */
export type BlobAccount =
  | { readonly connectionString: string }
  | { readonly accountUrl: string; readonly credential: TokenCredential };

/** The SDK's own retries are off: one loop of ours decides (requests.ts). */
export function openContainer(account: BlobAccount, container: string): ContainerClient {
  const base: StoragePipelineOptions = {
    retryOptions: { maxTries: 1 },
    keepAliveOptions: { enable: true },
  };
  const service =
    "connectionString" in account
      ? BlobServiceClient.fromConnectionString(account.connectionString, base)
      : new BlobServiceClient(account.accountUrl, account.credential, base);
  return service.getContainerClient(container);
}
