import {
  type CopyStatement,
  copyOutOfTable,
  copyOutWhere,
  parseCopyStatement,
} from "../archive/copy-statement.ts";
import { kindOf, type TableOfContents, type TocEntry } from "../archive/table-of-contents.ts";
import type { SourceTable } from "./source-tables.ts";

/** One file of table data and the COPY statements that fill it, in order. */
export interface TableFile {
  readonly entry: TocEntry;
  readonly fileName: string;
  readonly table: SourceTable;
  readonly parts: readonly TablePart[];
}

export interface TablePart {
  readonly copy: Buffer;
  /** Rough, for order and progress. */
  readonly bytes: number;
}

export interface SplitOptions {
  /** TID range scans exist from PostgreSQL 14 on; before, each range would read the whole table. */
  readonly serverMajor: number;
  readonly connections: number;
}

/** Tables below this are read in one piece. */
const splitFromBytes = 32 * 1024 * 1024;
/** Smallest and largest range: enough of them to keep every connection busy to the end. */
const smallestRangeBytes = 16 * 1024 * 1024;
const largestRangeBytes = 1024 * 1024 * 1024;
const rangesPerConnection = 4;
const tidRangeScansFrom = 14;

export const isTableData = (entry: TocEntry): boolean =>
  entry.hadDumper && kindOf(entry) === "TABLE DATA";

export const tableFileName = (oid: string): string => `t${oid}.dat`;

/** Data files of all tables, in the archive's order. Throws when a table is not among `tables`. */
export function planTables(
  toc: TableOfContents,
  tables: ReadonlyMap<string, SourceTable>,
  split: SplitOptions,
): readonly TableFile[] {
  const largest = [...tables.values()].reduce((most, table) => Math.max(most, table.bytes), 0);
  return toc.entries.filter(isTableData).map((entry) => {
    const oid = entry.catalogOid?.toString("latin1") ?? "";
    const table = tables.get(oid);
    if (table === undefined || entry.copyStatement === null) {
      throw new Error(`pg_dump would read ${entry.tag?.toString()}, which is not locked`);
    }
    const statement = parseCopyStatement(entry.copyStatement);
    const parts = planParts(statement, table, split, largest);
    return { entry, fileName: tableFileName(oid), table, parts };
  });
}

function planParts(
  statement: CopyStatement,
  table: SourceTable,
  split: SplitOptions,
  largestBytes: number,
): readonly TablePart[] {
  // Nobody can truncate it under our lock: a heap without pages has no rows for any snapshot.
  if (table.isHeap && table.pages === 0) return [];
  if (table.condition !== "") {
    return [{ copy: copyOutWhere(statement, table.condition), bytes: table.bytes }];
  }
  const splits =
    table.isHeap &&
    split.serverMajor >= tidRangeScansFrom &&
    split.connections > 1 &&
    statement.columns.length > 0 &&
    table.bytes >= splitFromBytes;
  if (!splits) return [{ copy: copyOutOfTable(statement), bytes: table.bytes }];
  const wanted = largestBytes / (split.connections * rangesPerConnection);
  const rangeBytes = Math.min(Math.max(wanted, smallestRangeBytes), largestRangeBytes);
  const count = Math.min(Math.ceil(table.bytes / rangeBytes), table.pages);
  return Array.from({ length: count }, (_, index) => ({
    copy: copyOutWhere(statement, ctidRange(table.pages, count, index)),
    bytes: table.bytes / count,
  }));
}

/** The last range is open: the table may have grown since it was measured. */
function ctidRange(pages: number, count: number, index: number): string {
  const page = (boundary: number): number => Math.floor((pages * boundary) / count);
  const from = `WHERE ctid >= '(${page(index)},0)'`;
  return index === count - 1 ? from : `${from} AND ctid < '(${page(index + 1)},0)'`;
}
