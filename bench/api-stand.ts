import { apiVersion } from "../scripts/demo/arm-client.ts";
import { createWriteGrantScript } from "../src/activities/write-grant-script.ts";
import { createCatalog } from "../src/adapters/catalog/catalog.ts";
import { createLocalAuthenticator } from "../src/adapters/identity/local-tokens.ts";
import { createMemoryBlobStore } from "../src/adapters/memory/blob-store.ts";
import { createSequentialIds } from "../src/adapters/memory/clock.ts";
import { createMemoryTableStore } from "../src/adapters/memory/table-store.ts";
import { createDatabaseServers } from "../src/adapters/postgres/database-servers.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import { createHttpApi } from "../src/triggers/http/api/api.ts";
import { type ApiResponse, defaultApiSettings } from "../src/triggers/http/api/operation-record.ts";
import { sampleVault, vaultRef } from "../test/support/records.ts";

const token = "bench";

export const vaultPath = `/subscriptions/${vaultRef.subscriptionId}/resourceGroups/${vaultRef.resourceGroup}/providers/Microsoft.DataProtection/backupVaults/${vaultRef.vaultName}`;

/** The whole API in this process, over storage whose requests and entities are counted. */
export async function createStand() {
  const tables = createMemoryTableStore();
  const catalog = createCatalog({
    tables,
    blobs: createMemoryBlobStore({ clock: systemClock }),
    clock: systemClock,
  });
  await catalog.vaults.create(sampleVault());
  const api = createHttpApi({
    catalog,
    clock: systemClock,
    ids: createSequentialIds(),
    authenticator: createLocalAuthenticator({
      contributor: token,
      operator: "",
      reader: "",
    }),
    settings: defaultApiSettings,
    writeGrantScript: createWriteGrantScript({
      servers: createDatabaseServers(),
      connections: { resolve: unreachable },
    }),
  });
  const get = async (pathOrLink: string): Promise<ApiResponse> => {
    const url = new URL(pathOrLink, "https://pgvault.bench");
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", apiVersion);
    const headers = new Headers({ authorization: `Bearer ${token}` });
    const answer = await api({ method: "GET", url: url.href, headers }, noWorkflows);
    if (answer.status !== 200) throw new Error(`${url.href}: ${answer.status} ${answer.body}`);
    return answer;
  };
  return { tables, catalog, get };
}

export type Stand = Awaited<ReturnType<typeof createStand>>;

/** Reads start nothing and reach no server. */
const unreachable = (): never => {
  throw new Error("A read asked for a workflow or a server");
};
const noWorkflows = {
  start: unreachable,
  status: unreachable,
  terminate: unreachable,
  raiseEvent: unreachable,
};
