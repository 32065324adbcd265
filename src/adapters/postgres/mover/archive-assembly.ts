import type { ArchiveFile, ArchiveSegment } from "../../../domain/manifest.ts";
import { kindOf, type TableOfContents, type TocEntry } from "../archive/table-of-contents.ts";
import { isTableData, type TableFile } from "./dump-plan.ts";
import { decodeText } from "./encoding.ts";

export const tocFileName = "toc.dat";

/** What pg_dump writes behind the rows of a table: COPY's end mark and two empty lines. */
export const tableTrailer = Buffer.from("\\.\n\n\n");

const blobs = "BLOBS";
const blobMetadata = "BLOB METADATA";

/** Data file of an entry in our directory archive; undefined when it has no data. */
export function dataFileName(entry: TocEntry, isGrouped: boolean): string | undefined {
  if (isTableData(entry)) return `t${entry.catalogOid?.toString("latin1")}.dat`;
  if (!entry.hadDumper || kindOf(entry) !== blobs) return undefined;
  // From archive version 1.16 on there may be several groups of large objects.
  return isGrouped ? `blobs_${entry.dumpId}.toc` : "blobs.toc";
}

/** The same table of contents for a directory archive of plain files. */
export function toDirectoryToc(toc: TableOfContents): TableOfContents {
  const isGrouped = isGroupedArchive(toc);
  return {
    header: { ...toc.header, format: "directory", compression: "none" },
    entries: toc.entries.map((entry) => {
      const name = dataFileName(entry, isGrouped);
      return name === undefined
        ? { ...entry, hadDumper: false, fileName: null }
        : { ...entry, fileName: Buffer.from(name) };
    }),
  };
}

export const hasLargeObjects = (toc: TableOfContents): boolean =>
  toc.entries.some((entry) => dataFileName(entry, false) === "blobs.toc");

const isGroupedArchive = (toc: TableOfContents): boolean =>
  toc.entries.some((entry) => kindOf(entry) === blobMetadata);

/**
 * The lists of large objects, by file name: lines `<oid> blob_<oid>.dat`. With several groups each
 * entry lists the objects of the metadata entry that it depends on.
 */
export function largeObjectLists(
  toc: TableOfContents,
  files: readonly ArchiveFile[],
): ReadonlyMap<string, string> {
  const oidOf = (file: ArchiveFile): string => /^blob_(\d+)\.dat$/.exec(file.name)?.[1] ?? "";
  const stored = files.map(oidOf);
  const list = (oids: readonly string[]): string =>
    oids.map((oid) => `${oid} blob_${oid}.dat\n`).join("");
  if (!isGroupedArchive(toc)) return new Map([["blobs.toc", list(stored)]]);
  const present = new Set(stored);
  const groups = toc.entries.filter((entry) => dataFileName(entry, true)?.endsWith(".toc"));
  return new Map(
    groups.map((entry) => [
      dataFileName(entry, true) ?? "",
      list(oidsOfGroup(toc, entry).filter((oid) => present.has(oid))),
    ]),
  );
}

/** A metadata entry's definition is one oid a line. */
function oidsOfGroup(toc: TableOfContents, entry: TocEntry): readonly string[] {
  const wanted = new Set(entry.dependencies.map((id) => Number(id?.toString("latin1"))));
  return toc.entries
    .filter((other) => wanted.has(other.dumpId) && kindOf(other) === blobMetadata)
    .flatMap((other) => other.definition?.toString("latin1").match(/\d+/g) ?? []);
}

/** The manifest's line for one table's rows: the segments of its parts and the shared trailer. */
export function tableArchiveFile(
  file: TableFile,
  parts: readonly { readonly segments: readonly ArchiveSegment[]; readonly rows: number }[],
  trailer: ArchiveSegment,
  encoding: string,
): ArchiveFile {
  return {
    name: file.fileName,
    table: {
      schema: decodeText(file.entry.namespace, encoding),
      name: decodeText(file.entry.tag, encoding),
    },
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    segments: [...parts.flatMap((part) => part.segments), trailer],
  };
}
