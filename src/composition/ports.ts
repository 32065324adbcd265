import path from "node:path";
import type { TokenCredential } from "@azure/core-auth";
import { DefaultAzureCredential } from "@azure/identity";
import type { ActivityPorts } from "../activities/ports.ts";
import { createBlobStore } from "../adapters/blob/blob-store.ts";
import { createLeaseStore } from "../adapters/blob/lease-store.ts";
import { createRestoreContainers } from "../adapters/blob/restore-containers.ts";
import { createCatalog } from "../adapters/catalog/catalog.ts";
import { createVaultKeyWrapper } from "../adapters/key-vault/key-wrapper.ts";
import { createClientTools } from "../adapters/postgres/client-tools.ts";
import { createDatabaseServers } from "../adapters/postgres/database-servers.ts";
import { createDataMover } from "../adapters/postgres/mover/create-data-mover.ts";
import { createFileKeyWrapper } from "../adapters/postgres/mover/file-key-wrapper.ts";
import { createKeyFiles } from "../adapters/secrets/key-files.ts";
import { createKeyRouter } from "../adapters/secrets/key-router.ts";
import { randomIds, systemClock } from "../adapters/system/clock.ts";
import { createFileClock } from "../adapters/system/clock-file.ts";
import { createTableStore } from "../adapters/table/table-store.ts";
import type { KeyWrapper } from "../ports/key-wrapper.ts";
import type { Config } from "./config.ts";
import { createConnections } from "./connections.ts";

/** Every port over the real world, as the settings say. */
export function createPorts(config: Config): ActivityPorts {
  const credential = new DefaultAzureCredential();
  const blobs = { account: blobAccountOf(config, credential), container: config.PGVAULT_CONTAINER };
  const blobStore = createBlobStore(blobs);
  const clock =
    config.PGVAULT_CLOCK_FILE === undefined
      ? systemClock
      : createFileClock(config.PGVAULT_CLOCK_FILE);
  const tools = createClientTools({
    directories: (config.PGVAULT_PG_BIN ?? "").split(path.delimiter).filter((dir) => dir !== ""),
    searchPath: config.searchPath,
  });
  return {
    catalog: createCatalog({
      tables: createTableStore({ account: tableAccountOf(config, credential) }),
      blobs: blobStore,
      clock,
    }),
    blobs: blobStore,
    leases: createLeaseStore({ ...blobs, durationSeconds: config.PGVAULT_LEASE_SECONDS }),
    servers: createDatabaseServers({ tools }),
    connections: createConnections(config, credential),
    containers: createRestoreContainers({ credential }),
    mover: createDataMover({ blobs: blobStore, tools, keys: keysOf(config, credential) }),
    clock,
    ids: randomIds,
    settings: {
      transfer: {
        connections: config.PGVAULT_CONNECTIONS,
        compression: config.PGVAULT_COMPRESSION,
        compressionLevel: config.PGVAULT_COMPRESSION_LEVEL,
        ...(config.PGVAULT_ENCRYPTION_KEY === undefined
          ? {}
          : { encryptionKeyId: config.PGVAULT_ENCRYPTION_KEY }),
      },
      concurrentDumpsPerServer: config.PGVAULT_DUMPS_PER_SERVER,
      sendsEvents: config.PGVAULT_EVENT_TOPIC !== undefined,
    },
  };
}

/** Given whatever is set now: what was encrypted with any of them restores. */
const keysOf = ({ PGVAULT_STATE: state }: Config, credential: TokenCredential): KeyWrapper =>
  createKeyRouter({
    ...(state === undefined
      ? {}
      : { files: createFileKeyWrapper(createKeyFiles(path.join(state, "keys"))) }),
    keyVault: createVaultKeyWrapper({ credential, clock: systemClock }),
  });

/** A URL means managed identity; anything else is a connection string. */
const isUrl = (storage: string): boolean => /^https?:\/\//.test(storage);

export const blobAccountOf = ({ PGVAULT_STORAGE: storage }: Config, credential: TokenCredential) =>
  isUrl(storage) ? { accountUrl: storage, credential } : { connectionString: storage };

export const tableAccountOf = (
  { PGVAULT_STORAGE: storage, PGVAULT_TABLES: tables }: Config,
  credential: TokenCredential,
) =>
  isUrl(storage)
    ? {
        // https://ACCOUNT.blob.core.windows.net → https://ACCOUNT.table.core.windows.net
        accountUrl: tables ?? storage.replace(".blob.", ".table."),
        credential,
      }
    : { connectionString: storage };
