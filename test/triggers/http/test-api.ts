import { expect } from "vitest";
import { createWriteGrantScript } from "../../../src/activities/write-grant-script.ts";
import { createCatalog } from "../../../src/adapters/catalog/catalog.ts";
import { createLocalAuthenticator } from "../../../src/adapters/identity/local-tokens.ts";
import { createMemoryBlobStore } from "../../../src/adapters/memory/blob-store.ts";
import { createManualClock, createSequentialIds } from "../../../src/adapters/memory/clock.ts";
import { createMemoryTableStore } from "../../../src/adapters/memory/table-store.ts";
import { createDatabaseServers } from "../../../src/adapters/postgres/database-servers.ts";
import type { Credentials } from "../../../src/domain/datasource.ts";
import { FaultError, fault } from "../../../src/domain/fault.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { Authenticator } from "../../../src/ports/authenticator.ts";
import type { WorkflowClient } from "../../../src/ports/workflow-client.ts";
import { createHttpApi } from "../../../src/triggers/http/api/api.ts";
import {
  type ApiSettings,
  type AuditEntry,
  answersOf,
  defaultApiSettings,
} from "../../../src/triggers/http/api/operation-record.ts";
import { apiOperations } from "../../../src/triggers/http/api/operations.ts";

export const tokens = {
  contributor: "contributor-token",
  operator: "operator-token",
  reader: "reader-token",
  approver: "approver-token",
};

export const base = "https://pgvault.test";
export const vault = {
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "rg",
  vaultName: "vault1",
};
export const vaultId = `/subscriptions/${vault.subscriptionId}/resourceGroups/rg/providers/Microsoft.DataProtection/backupVaults/vault1`;

export interface StartedWorkflow {
  readonly name: string;
  readonly id: string;
  readonly input: JsonObject;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // Tests look into bodies of all shapes.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** The API over an in-memory catalog; workflows are only noted, tests end their operations. */
export function createTestApi(
  settings: Partial<ApiSettings> = {},
  authenticator: Authenticator = createLocalAuthenticator(tokens),
) {
  const clock = createManualClock("2026-11-21T10:00:00.000Z");
  const tables = createMemoryTableStore();
  const catalog = createCatalog({ tables, blobs: createMemoryBlobStore({ clock }), clock });
  const started: StartedWorkflow[] = [];
  const raised: { id: string; event: string }[] = [];
  const audit: AuditEntry[] = [];
  const workflows: WorkflowClient = {
    start: async (name, id, input) => {
      started.push({ name, id, input: JSON.parse(JSON.stringify(input)) as JsonObject });
      return "started";
    },
    status: async () => undefined,
    terminate: async () => undefined,
    raiseEvent: async (id, event) => {
      raised.push({ id, event });
    },
  };
  const api = createHttpApi({
    catalog,
    clock,
    ids: createSequentialIds(),
    authenticator,
    settings: { ...defaultApiSettings, ...settings },
    writeGrantScript: createWriteGrantScript({
      servers: createDatabaseServers(),
      connections: noConnections,
    }),
    audit: (entry) => audit.push(entry),
  });
  const send = async (
    method: string,
    pathOrUrl: string,
    body?: unknown,
    options: { token?: string | null; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const url = new URL(/^https?:/.test(pathOrUrl) ? pathOrUrl : base + pathOrUrl);
    if (!/[?&]api-version=/i.test(url.search) && options.headers?.["no-version"] === undefined) {
      url.search += `${url.search === "" ? "?" : "&"}api-version=2025-07-01`;
    }
    const token = options.token === undefined ? tokens.contributor : options.token;
    const headers = new Headers({
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...options.headers,
    });
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const stream = text === undefined ? null : new Blob([text]).stream();
    const answer = await api({ method, url: url.href, headers, body: stream }, workflows);
    // Throws on what no HTTP header can carry.
    expect(new Headers(answer.headers)).toBeDefined();
    checkDocumented(audit.at(-1)?.operationId, answer.status);
    return { ...answer, body: isJson(answer) ? JSON.parse(answer.body) : answer.body };
  };
  return { api, send, catalog, clock, started, raised, audit, workflows };
}

const isJson = (answer: {
  headers: Readonly<Record<string, string>>;
  body?: string;
}): answer is { headers: Record<string, string>; body: string } =>
  answer.body !== undefined &&
  answer.headers["content-type"]?.startsWith("application/json") === true;

/** No success has a status that the operation does not declare, in whichever test it happens. */
function checkDocumented(operationId: string | undefined, status: number): void {
  const operation = apiOperations.find(({ id }) => id === operationId);
  if (operation === undefined || status >= 400) return;
  if (answersOf(operation).includes(status)) return;
  throw new Error(`${operation.id} answered ${status}, which it does not declare`);
}

/** Tests of the API reach no server. */
const noConnections = {
  resolve: async (credentials: Credentials) => {
    const secret = credentials.kind === "secret" ? credentials.uri : "none";
    throw new FaultError(fault("UserErrorInvalidSecret", { secret }));
  },
};

export type TestApi = ReturnType<typeof createTestApi>;

export const vaultBody = {
  location: "westeurope",
  properties: {
    storageSettings: [{ datastoreType: "VaultStore", type: "LocallyRedundant" }],
    securitySettings: { softDeleteSettings: { state: "Off", retentionDurationInDays: 14 } },
  },
};
