import { setTimeout as sleep } from "node:timers/promises";
import type { TokenCredential } from "@azure/core-auth";
import { isRestError, type RestError } from "@azure/core-rest-pipeline";
import { TableClient, type TableServiceClientOptions } from "@azure/data-tables";
import { storageUnavailable } from "../../domain/blob-fault.ts";
import { FaultError } from "../../domain/fault.ts";
import {
  type RetryWorld,
  type StorageFailure,
  type StorageRetry,
  withStorageRetries,
} from "../../domain/storage-retry.ts";
import type { TableName } from "../../ports/table-store.ts";

export type TableAccount =
  | { readonly connectionString: string }
  | { readonly accountUrl: string; readonly credential: TokenCredential };

/** Sends requests to one table: bounded attempts, each with a time limit. */
export interface TableRequests {
  /**
   * Rejects with FaultError `StorageUnavailable`, or with the SDK's error for a refusal that the
   * caller expects (404, 409, 412). Creates the table when it turns out to be absent.
   */
  send<T>(attempt: (client: TableClient, number: number) => Promise<T>): Promise<T>;
}

export function createTableRequests(
  account: TableAccount,
  table: string,
  retry: StorageRetry,
): TableRequests {
  const client = openTable(account, table, retry);
  const send = <T>(attempt: (client: TableClient, number: number) => Promise<T>) =>
    withStorageRetries(retry, world, (number) => attempt(client, number));
  return {
    async send(attempt) {
      try {
        return await send(attempt);
      } catch (error) {
        if (errorCodeOf(error) !== "TableNotFound") throw translate(error);
      }
      try {
        await send((absent) => createTable(absent));
        return await send(attempt);
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

/** One client for each table of the account, made when first used. */
export function createTables(
  account: TableAccount,
  prefix: string,
  retry: StorageRetry,
): (table: TableName) => TableRequests {
  const clients = new Map<TableName, TableRequests>();
  return (table) => {
    const known = clients.get(table);
    if (known !== undefined) return known;
    const created = createTableRequests(account, `${prefix}${table}`, retry);
    clients.set(table, created);
    return created;
  };
}

export const statusOf = (error: unknown): number | undefined =>
  isRestError(error) ? error.statusCode : undefined;

/** The SDK's own retries are off: one loop of ours decides. */
function openTable(account: TableAccount, table: string, retry: StorageRetry): TableClient {
  const options: TableServiceClientOptions = {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: "perCall",
        policy: {
          name: "attemptLimit",
          async sendRequest(request, next) {
            request.timeout = retry.attemptLimitMs;
            return await next(request);
          },
        },
      },
    ],
  };
  if (!("connectionString" in account)) {
    return new TableClient(account.accountUrl, table, account.credential, options);
  }
  const allowInsecureConnection = account.connectionString.includes("http://127.0.0.1:");
  return TableClient.fromConnectionString(account.connectionString, table, {
    ...options,
    allowInsecureConnection,
  });
}

/** Several processes may try at once; Azure answers 409 while it still deletes one of that name. */
async function createTable(client: TableClient): Promise<void> {
  try {
    await client.createTable();
  } catch (error) {
    if (errorCodeOf(error) !== "TableAlreadyExists") throw error;
  }
}

/** Azure's code: the SDK leaves it in the parsed body of the answer. */
function errorCodeOf(error: unknown): string | undefined {
  if (!isRestError(error)) return undefined;
  return /"code"\s*:\s*"(\w+)"/.exec(error.response?.bodyAsText ?? "")?.[1] ?? error.code;
}

const world: RetryWorld = {
  wait: (ms) => sleep(ms),
  random: () => Math.random(),
  describe,
};

function describe(error: unknown): StorageFailure {
  if (isRestError(error)) return describeRest(error);
  const message = error instanceof Error ? error.message : String(error);
  // The client gives up a request that takes too long with an AbortError.
  if (error instanceof Error && error.name === "AbortError") return { message, code: "ETIMEDOUT" };
  return { message };
}

function describeRest(error: RestError): StorageFailure {
  const seconds = Number(error.response?.headers.get("retry-after"));
  return {
    message: error.message.split("\n", 1)[0] ?? "",
    ...(error.statusCode === undefined ? {} : { status: error.statusCode }),
    ...(error.code === undefined ? {} : { code: error.code }),
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

function translate(error: unknown): unknown {
  if (error instanceof FaultError) return error;
  const status = statusOf(error);
  if (status !== undefined && [404, 409, 412].includes(status)) return error;
  return new FaultError(storageUnavailable(describe(error).message), { cause: error });
}
