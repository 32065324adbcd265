import { randomUUID } from "node:crypto";
import type { TransactionAction } from "@azure/data-tables";
import { defaultStorageRetry, type StorageRetry } from "../../domain/storage-retry.ts";
import { assertTableKey } from "../../domain/table-key.ts";
import type { NewRow, Row, RowChange, TableStore } from "../../ports/table-store.ts";
import { encodeEntity, parseEntity, type StoredEntity } from "./row-codec.ts";
import { queryRows } from "./row-query.ts";
import { createTables, statusOf, type TableAccount, type TableRequests } from "./table-requests.ts";

export interface TableStoreOptions {
  readonly account: TableAccount;
  /** Letters and digits before each table's name; the account may hold others' tables. */
  readonly prefix?: string;
  readonly retry?: Partial<StorageRetry>;
}

/** TableStore over Azure Table Storage, or Azurite. Tables are created when first missed. */
export function createTableStore(options: TableStoreOptions): TableStore {
  const retry = { ...defaultStorageRetry, ...options.retry };
  const requestsOf = createTables(options.account, options.prefix ?? "pgvault", retry);

  return {
    async get(table, partition, row) {
      return (await readRow(requestsOf(table), partition, row))?.row;
    },

    async insert(table, row) {
      return await writeOnce(requestsOf(table), row, (client, entity) =>
        client.createEntity(entity),
      );
    },

    async replace(table, row, etag) {
      return await writeOnce(requestsOf(table), row, (client, entity) =>
        client.updateEntity(entity, "Replace", { etag }),
      );
    },

    async upsert(table, row) {
      const entity = encodeEntity(checked(row), row.value, randomUUID());
      const answer = await requestsOf(table).send((client) =>
        client.upsertEntity(entity, "Replace"),
      );
      return etagOf(answer.etag);
    },

    async delete(table, partition, row, etag) {
      checked({ partition, row });
      let attempts = 0;
      try {
        await requestsOf(table).send((client, number) => {
          attempts = number;
          return client.deleteEntity(partition, row, etag === undefined ? {} : { etag });
        });
        return true;
      } catch (error) {
        const status = statusOf(error);
        // After a lost reply the absence is our own work.
        if (status === 404) return attempts > 1;
        if (status === 412) return false;
        throw error;
      }
    },

    transact: (table, partition, changes) => transact(requestsOf(table), partition, changes),
    query: (table, query) => queryRows(requestsOf(table), query),
  };
}

type Client = Parameters<Parameters<TableRequests["send"]>[0]>[0];

/** A conditional write; after a lost reply it knows itself again by its write id. */
async function writeOnce(
  requests: TableRequests,
  row: NewRow,
  write: (client: Client, entity: StoredEntity) => Promise<{ etag?: string | undefined }>,
): Promise<string | undefined> {
  const writeId = randomUUID();
  const entity = encodeEntity(checked(row), row.value, writeId);
  let attempts = 0;
  try {
    const answer = await requests.send((client, number) => {
      attempts = number;
      return write(client, entity);
    });
    return etagOf(answer.etag);
  } catch (error) {
    if (![404, 409, 412].includes(statusOf(error) ?? 0)) throw error;
    if (attempts === 1) return undefined;
    const stored = await readRow(requests, row.partition, row.row);
    return stored?.writeId === writeId ? stored.row.etag : undefined;
  }
}

async function transact(
  requests: TableRequests,
  partition: string,
  changes: readonly RowChange[],
): ReturnType<TableStore["transact"]> {
  const writeId = randomUUID();
  const actions = changes.map((change) => actionOf(partition, change, writeId));
  let attempts = 0;
  try {
    const answer = await requests.send((client, number) => {
      attempts = number;
      return client.submitTransaction(actions);
    });
    return changes.map((change, index) =>
      change.kind === "delete" ? undefined : etagOf(answer.subResponses[index]?.etag?.trim()),
    );
  } catch (error) {
    if (![404, 409, 412].includes(statusOf(error) ?? 0)) throw error;
    return attempts === 1
      ? undefined
      : await committedBefore(requests, partition, changes, writeId);
  }
}

/** Etags of the transaction when an earlier attempt, whose reply was lost, had committed it. */
async function committedBefore(
  requests: TableRequests,
  partition: string,
  changes: readonly RowChange[],
  writeId: string,
): ReturnType<TableStore["transact"]> {
  const stored = await Promise.all(changes.map(({ row }) => readRow(requests, partition, row)));
  const holds = changes.every((change, index) =>
    change.kind === "delete" ? stored[index] === undefined : stored[index]?.writeId === writeId,
  );
  return holds ? stored.map((row) => row?.row.etag) : undefined;
}

function actionOf(partition: string, change: RowChange, writeId: string): TransactionAction {
  const key = checked({ partition, row: change.row });
  switch (change.kind) {
    case "delete":
      return ["delete", { partitionKey: partition, rowKey: change.row }];
    case "insert":
      return ["create", encodeEntity(key, change.value, writeId)];
    case "upsert":
      return ["upsert", encodeEntity(key, change.value, writeId), "Replace"];
    case "replace":
      return ["update", encodeEntity(key, change.value, writeId), "Replace", { etag: change.etag }];
  }
}

async function readRow(
  requests: TableRequests,
  partition: string,
  row: string,
): Promise<{ row: Row; writeId: string } | undefined> {
  checked({ partition, row });
  try {
    const entity = await requests.send((client) => client.getEntity(partition, row));
    const { value, writeId } = parseEntity(entity);
    return { row: { partition, row, value, etag: etagOf(entity.etag) }, writeId };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function checked<T extends { readonly partition: string; readonly row: string }>(key: T): T {
  assertTableKey(key.partition);
  assertTableKey(key.row);
  return key;
}

function etagOf(etag: string | undefined): string {
  if (etag === undefined) throw new Error("The table service answered no etag");
  return etag;
}
