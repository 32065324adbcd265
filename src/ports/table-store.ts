import type { JsonObject } from "../domain/json.ts";

/**
 * Rows in Table storage: partition key, row key, one JSON value, an etag. Keys hold no `/ \ # ?` or
 * control characters and at most 512 characters (src/domain/table-key.ts). Rejects with FaultError `StorageUnavailable` when
 * the store does not answer after the adapter's bounded retries.
 */
export interface TableStore {
  get(table: TableName, partition: string, row: string): Promise<Row | undefined>;

  /** Answers the new etag, or undefined when the row exists already. */
  insert(table: TableName, row: NewRow): Promise<string | undefined>;

  /** Replaces when the etag still matches; undefined when it does not, or the row is gone. */
  replace(table: TableName, row: NewRow, etag: string): Promise<string | undefined>;

  /** Insert or replace without a check. */
  upsert(table: TableName, row: NewRow): Promise<string>;

  /** False when absent, or when `etag` is given and does not match. */
  delete(table: TableName, partition: string, row: string, etag?: string): Promise<boolean>;

  /**
   * Up to 100 changes of one partition, all or none; each row at most once. Answers the new etags in
   * order (undefined for a delete), or undefined when one condition did not hold and nothing changed.
   */
  transact(
    table: TableName,
    partition: string,
    changes: readonly RowChange[],
  ): Promise<readonly (string | undefined)[] | undefined>;

  /** Rows of one partition in row-key order, `from` inclusive, `to` exclusive. */
  query(table: TableName, query: RowQuery): Promise<RowPage>;
}

export const tableNames = [
  "resources",
  "jobs",
  "operations",
  "recoverypoints",
  "due",
  "outbox",
] as const;
export type TableName = (typeof tableNames)[number];

export interface NewRow {
  readonly partition: string;
  readonly row: string;
  readonly value: JsonObject;
}

/** `replace` needs the row unchanged since it was read, `delete` needs it there. */
export type RowChange =
  | { readonly kind: "insert" | "upsert"; readonly row: string; readonly value: JsonObject }
  | {
      readonly kind: "replace";
      readonly row: string;
      readonly value: JsonObject;
      readonly etag: string;
    }
  | { readonly kind: "delete"; readonly row: string };

export interface Row extends NewRow {
  readonly etag: string;
}

export interface RowQuery {
  readonly partition: string;
  readonly from?: string;
  readonly to?: string;
  /** At most 1,000. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly continuation?: string;
}

export interface RowPage {
  readonly rows: readonly Row[];
  readonly continuation?: string;
}
