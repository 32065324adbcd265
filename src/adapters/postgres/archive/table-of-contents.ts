import {
  ArchiveCursor,
  type ArchiveString,
  ArchiveWriter,
  NeedMoreBytes,
} from "./archive-cursor.ts";
import {
  type ArchiveHeader,
  isAtLeast,
  readHeader,
  writeDirectoryHeader,
} from "./archive-header.ts";

/** Head and table of contents of an archive. */
export interface TableOfContents {
  readonly header: ArchiveHeader;
  readonly entries: readonly TocEntry[];
}

/** One object, or one object's data. Strings stay bytes: they are in the dump's encoding. */
export interface TocEntry {
  readonly dumpId: number;
  /** The archive holds data for it: rows or large objects. */
  readonly hadDumper: boolean;
  readonly catalogTableOid: ArchiveString;
  readonly catalogOid: ArchiveString;
  readonly tag: ArchiveString;
  /** Kind of entry, such as `TABLE DATA`. */
  readonly description: ArchiveString;
  readonly section: TocSection;
  readonly definition: ArchiveString;
  readonly dropStatement: ArchiveString;
  readonly copyStatement: ArchiveString;
  readonly namespace: ArchiveString;
  readonly tablespace: ArchiveString;
  readonly tableAccessMethod: ArchiveString;
  /** From archive version 1.16. */
  readonly relationKind: number;
  readonly owner: ArchiveString;
  readonly withOids: ArchiveString;
  readonly dependencies: readonly ArchiveString[];
  /** Directory and tar formats: name of the data file. */
  readonly fileName: ArchiveString;
}

/** Such as `TABLE DATA`; empty for none. */
export const kindOf = (entry: TocEntry): string => entry.description?.toString("latin1") ?? "";

export type TocSection = "none" | "pre-data" | "data" | "post-data";

const sections = ["none", "pre-data", "data", "post-data"] as const;

/** Reads header and table of contents from bytes that come in pieces, and stops behind them. */
export class TocParser {
  #bytes: Buffer = Buffer.alloc(0);
  #header: ArchiveHeader | undefined;
  #expected: number | undefined;
  readonly #entries: TocEntry[] = [];

  /** Undefined until the last byte of the table of contents has come. */
  push(chunk: Uint8Array): TableOfContents | undefined {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#expected === undefined || this.#entries.length < this.#expected) {
      if (!this.#step()) return undefined;
    }
    return this.#header === undefined
      ? undefined
      : { header: this.#header, entries: this.#entries };
  }

  /** Reads the header with the entry count, or one entry; false when bytes are missing. */
  #step(): boolean {
    const cursor = new ArchiveCursor(this.#bytes);
    try {
      if (this.#header === undefined || this.#expected === undefined) {
        const header = readHeader(cursor);
        this.#expected = cursor.int();
        this.#header = header;
      } else {
        cursor.intSize = this.#header.intSize;
        cursor.offSize = this.#header.offSize;
        this.#entries.push(readEntry(cursor, this.#header));
      }
    } catch (error) {
      if (error instanceof NeedMoreBytes) return false;
      throw error;
    }
    this.#bytes = this.#bytes.subarray(cursor.position);
    return true;
  }
}

/** Writes a directory archive's `toc.dat`; each entry's `fileName` names its data file. */
export function writeDirectoryToc(toc: TableOfContents): Buffer {
  const writer = new ArchiveWriter(toc.header.intSize);
  writeDirectoryHeader(writer, toc.header);
  writer.int(toc.entries.length);
  for (const entry of toc.entries) writeEntry(writer, entry, toc.header);
  return writer.finish();
}

function readEntry(cursor: ArchiveCursor, header: ArchiveHeader): TocEntry {
  return {
    dumpId: cursor.int(),
    hadDumper: cursor.int() !== 0,
    catalogTableOid: cursor.string(),
    catalogOid: cursor.string(),
    tag: cursor.string(),
    description: cursor.string(),
    section: sections[cursor.int() - 1] ?? "none",
    definition: cursor.string(),
    dropStatement: cursor.string(),
    copyStatement: cursor.string(),
    namespace: cursor.string(),
    tablespace: cursor.string(),
    tableAccessMethod: isAtLeast(header.version, 14) ? cursor.string() : null,
    relationKind: isAtLeast(header.version, 16) ? cursor.int() : 0,
    owner: cursor.string(),
    withOids: cursor.string(),
    dependencies: readDependencies(cursor),
    fileName: readFileName(cursor, header),
  };
}

function readDependencies(cursor: ArchiveCursor): ArchiveString[] {
  const dependencies: ArchiveString[] = [];
  for (let next = cursor.string(); next !== null; next = cursor.string()) dependencies.push(next);
  return dependencies;
}

function readFileName(cursor: ArchiveCursor, header: ArchiveHeader): ArchiveString {
  if (header.format === "custom") {
    cursor.skipOffset();
    return null;
  }
  return header.format === "null" ? null : cursor.string();
}

function writeEntry(writer: ArchiveWriter, entry: TocEntry, header: ArchiveHeader): void {
  writer.int(entry.dumpId);
  writer.int(entry.hadDumper ? 1 : 0);
  writer.string(entry.catalogTableOid);
  writer.string(entry.catalogOid);
  writer.string(entry.tag);
  writer.string(entry.description);
  writer.int(sections.indexOf(entry.section) + 1);
  writer.string(entry.definition);
  writer.string(entry.dropStatement);
  writer.string(entry.copyStatement);
  writer.string(entry.namespace);
  writer.string(entry.tablespace);
  if (isAtLeast(header.version, 14)) writer.string(entry.tableAccessMethod);
  if (isAtLeast(header.version, 16)) writer.int(entry.relationKind);
  writer.string(entry.owner);
  writer.string(entry.withOids);
  for (const dependency of entry.dependencies) writer.string(dependency);
  writer.string(null);
  writer.string(entry.fileName ?? Buffer.alloc(0));
}
