import { assertTableKey, decodeContinuation, encodeContinuation } from "../../domain/table-key.ts";
import { encodeTableValue, parseTableValue } from "../../domain/table-value.ts";
import type {
  NewRow,
  Row,
  RowChange,
  RowPage,
  RowQuery,
  TableName,
  TableStore,
} from "../../ports/table-store.ts";
import { createOrderedKeys, type OrderedKeys } from "./ordered-keys.ts";

/** What Azure would bill: one request a call, one entity for each row that is answered. */
export interface TableCounts {
  readonly requests: number;
  readonly entitiesRead: number;
}

export interface MemoryTableStore extends TableStore {
  counts(): TableCounts;
  resetCounts(): void;
}

/** Rows in key order, so that a range query costs what it answers. */
interface Partition {
  readonly keys: OrderedKeys;
  readonly rows: Map<string, StoredRow>;
}

interface StoredRow {
  /** JSON text: nobody shares objects with the store. */
  readonly text: string;
  readonly etag: string;
}

export function createMemoryTableStore(): MemoryTableStore {
  const partitions = new Map<string, Partition>();
  let revision = 0;
  let requests = 0;
  let entitiesRead = 0;

  const partitionOf = (table: TableName, partition: string): Partition => {
    assertTableKey(partition);
    const key = `${table}\n${partition}`;
    const known = partitions.get(key);
    if (known !== undefined) return known;
    const created: Partition = { keys: createOrderedKeys(), rows: new Map() };
    partitions.set(key, created);
    return created;
  };

  const write = (partition: Partition, row: NewRow): string => {
    const text = encodeTableValue(row.value, `${row.partition}/${row.row}`);
    const etag = `W/"${++revision}"`;
    partition.keys.add(row.row);
    partition.rows.set(row.row, { text, etag });
    return etag;
  };

  const remove = (partition: Partition, row: string): void => {
    partition.keys.delete(row);
    partition.rows.delete(row);
  };

  const open = (table: TableName, partition: string, row: string): Partition => {
    assertTableKey(row);
    requests += 1;
    return partitionOf(table, partition);
  };

  return {
    async get(table, partition, row) {
      const stored = open(table, partition, row).rows.get(row);
      if (stored === undefined) return undefined;
      entitiesRead += 1;
      return present(partition, row, stored);
    },
    async insert(table, row) {
      const partition = open(table, row.partition, row.row);
      return partition.rows.has(row.row) ? undefined : write(partition, row);
    },
    async replace(table, row, etag) {
      const partition = open(table, row.partition, row.row);
      return partition.rows.get(row.row)?.etag === etag ? write(partition, row) : undefined;
    },
    async upsert(table, row) {
      return write(open(table, row.partition, row.row), row);
    },
    async delete(table, partition, row, etag) {
      const rows = open(table, partition, row);
      const stored = rows.rows.get(row);
      if (stored === undefined || (etag !== undefined && stored.etag !== etag)) return false;
      remove(rows, row);
      return true;
    },
    async transact(table, partition, changes) {
      requests += 1;
      const rows = partitionOf(table, partition);
      for (const change of changes) {
        assertTableKey(change.row);
        if (change.kind !== "delete") encodeTableValue(change.value, `${partition}/${change.row}`);
      }
      if (!changes.every((change) => mayChange(rows.rows.get(change.row), change)))
        return undefined;
      return changes.map((change) => {
        if (change.kind !== "delete") return write(rows, { partition, ...change });
        remove(rows, change.row);
        return undefined;
      });
    },
    async query(table, query) {
      requests += 1;
      const page = range(partitionOf(table, query.partition), query);
      entitiesRead += page.rows.length;
      return page;
    },
    counts: () => ({ requests, entitiesRead }),
    resetCounts: () => {
      requests = 0;
      entitiesRead = 0;
    },
  };
}

function mayChange(stored: StoredRow | undefined, change: RowChange): boolean {
  switch (change.kind) {
    case "upsert":
      return true;
    case "insert":
      return stored === undefined;
    case "replace":
      return stored?.etag === change.etag;
    case "delete":
      return stored !== undefined;
  }
}

function range(partition: Partition, query: RowQuery): RowPage {
  const rows: Row[] = [];
  for (const key of partition.keys.from(startOf(query))) {
    if (query.to !== undefined && key >= query.to) break;
    const last = rows.at(-1);
    if (rows.length >= query.limit && last !== undefined)
      return { rows, continuation: encodeContinuation(last.row) };
    const stored = partition.rows.get(key);
    if (stored !== undefined) rows.push(present(query.partition, key, stored));
  }
  return { rows };
}

function startOf({ from = "", continuation }: RowQuery): string {
  if (continuation === undefined) return from;
  // The first key that may follow the last one answered.
  const next = `${decodeContinuation(continuation)}\0`;
  return next > from ? next : from;
}

const present = (partition: string, row: string, stored: StoredRow): Row => ({
  partition,
  row,
  value: parseTableValue(stored.text),
  etag: stored.etag,
});
