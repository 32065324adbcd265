import { ArchiveFormatError } from "./archive-cursor.ts";

/**
 * The parts of a TABLE DATA entry's `COPY schema.table (a, b, "c d") FROM stdin;`. Everything stays
 * bytes, quoted as pg_dump quoted it, so that it can be put into another statement as it is.
 */
export interface CopyStatement {
  /** `schema.table`. */
  readonly relation: Buffer;
  /** `a, b, "c d"`; empty for a table without columns. */
  readonly columns: Buffer;
}

const prefix = Buffer.from("COPY ");
const suffix = Buffer.from(" FROM stdin;");
const quote = 0x22;
const openParenthesis = 0x28;
const closeParenthesis = 0x29;

export function parseCopyStatement(statement: Buffer): CopyStatement {
  const text = trimEnd(statement);
  const refuse = () =>
    new ArchiveFormatError(`not a COPY statement of pg_dump: ${statement.toString("latin1")}`);
  if (!text.subarray(0, prefix.length).equals(prefix)) throw refuse();
  if (!text.subarray(text.length - suffix.length).equals(suffix)) throw refuse();
  const body = text.subarray(prefix.length, text.length - suffix.length);
  const open = indexOfOutsideQuotes(body, openParenthesis);
  if (open === -1) return { relation: trimEnd(body), columns: Buffer.alloc(0) };
  if (body.at(-1) !== closeParenthesis) throw refuse();
  return { relation: trimEnd(body.subarray(0, open)), columns: body.subarray(open + 1, -1) };
}

/** The whole table, as pg_dump reads it. */
export function copyOutOfTable(statement: CopyStatement): Buffer {
  const list = statement.columns.length === 0 ? [] : [sql(" ("), statement.columns, sql(")")];
  return Buffer.concat([sql("COPY "), statement.relation, ...list, sql(" TO stdout")]);
}

/** Rows of the table that meet a condition, such as a range of ctid. */
export function copyOutWhere(statement: CopyStatement, condition: string): Buffer {
  return Buffer.concat([
    sql("COPY (SELECT "),
    statement.columns,
    sql(" FROM ONLY "),
    statement.relation,
    sql(` ${condition}) TO stdout`),
  ]);
}

export function copyIntoTable(statement: CopyStatement): Buffer {
  const list = statement.columns.length === 0 ? [] : [sql(" ("), statement.columns, sql(")")];
  return Buffer.concat([sql("COPY "), statement.relation, ...list, sql(" FROM stdin")]);
}

const sql = (text: string): Buffer => Buffer.from(text, "utf8");

function indexOfOutsideQuotes(bytes: Buffer, wanted: number): number {
  let quoted = false;
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] === quote) quoted = !quoted;
    else if (!quoted && bytes[index] === wanted) return index;
  }
  return -1;
}

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x20)) end -= 1;
  return bytes.subarray(0, end);
}
