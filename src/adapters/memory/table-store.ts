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
  readonly keys: string[];
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
    const created: Partition = { keys: [], rows: new Map() };
    partitions.set(key, created);
    return created;
  };

  const write = (partition: Partition, row: NewRow): string => {
    const text = encodeTableValue(row.value, `${row.partition}/${row.row}`);
    const etag = `W/"${++revision}"`;
    if (!partition.rows.has(row.row)) {
      partition.keys.splice(firstAtOrAfter(partition.keys, row.row), 0, row.row);
    }
    partition.rows.set(row.row, { text, etag });
    return etag;
  };

  const remove = (partition: Partition, row: string): void => {
    partition.keys.splice(firstAtOrAfter(partition.keys, row), 1);
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
  const { keys, rows } = partition;
  const from = firstAtOrAfter(keys, query.from ?? "");
  const start =
    query.continuation === undefined
      ? from
      : Math.max(from, firstAfter(keys, decodeContinuation(query.continuation)));
  const end = query.to === undefined ? keys.length : firstAtOrAfter(keys, query.to);
  const answered = keys.slice(start, Math.max(start, Math.min(end, start + query.limit)));
  const last = answered.at(-1);
  return {
    rows: answered.flatMap((row) => {
      const stored = rows.get(row);
      return stored === undefined ? [] : [present(query.partition, row, stored)];
    }),
    ...(last !== undefined && start + query.limit < end
      ? { continuation: encodeContinuation(last) }
      : {}),
  };
}

const present = (partition: string, row: string, stored: StoredRow): Row => ({
  partition,
  row,
  value: parseTableValue(stored.text),
  etag: stored.etag,
});

/** Index of the first key that is not less than `key`; ordinal order, as Azure's. */
function firstAtOrAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

const firstAfter = (keys: readonly string[], key: string): number => {
  const index = firstAtOrAfter(keys, key);
  return keys[index] === key ? index + 1 : index;
};
