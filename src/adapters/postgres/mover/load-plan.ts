import type { ArchiveFile, ArchiveManifest, ArchiveSegment } from "../../../domain/manifest.ts";
import { copyIntoTable, parseCopyStatement } from "../archive/copy-statement.ts";
import type { TocEntry } from "../archive/table-of-contents.ts";
import { tableFileName } from "./dump-plan.ts";

/** Rows of one table that one COPY loads. */
export interface LoadTask {
  readonly kind: "table";
  readonly file: ArchiveFile;
  /** `schema.name` for messages. */
  readonly label: string;
  /** Qualified and quoted, as SQL. */
  readonly relation: Buffer;
  readonly copy: Buffer;
  readonly segments: readonly ArchiveSegment[];
  /** Raw. */
  readonly bytes: number;
}

export interface LargeObjectsTask {
  readonly kind: "large-objects";
  readonly files: readonly ArchiveFile[];
  readonly bytes: number;
}

/** Raw bytes that one COPY loads: segments of one table are loaded by several connections. */
const bytesPerTask = 32 * 1024 * 1024;

/**
 * Largest table first, the runs of one table in their order, so that rows keep about the order they
 * had in the source. A table whose file is missing from the manifest is answered in `missing`.
 */
export function planLoad(
  entries: readonly TocEntry[],
  archive: ArchiveManifest,
): { readonly tasks: readonly LoadTask[]; readonly missing: readonly string[] } {
  const files = new Map(archive.files.map((file) => [file.name, file]));
  const tables: { readonly bytes: number; readonly tasks: readonly LoadTask[] }[] = [];
  const missing: string[] = [];
  for (const entry of entries) {
    const name = tableFileName(entry.catalogOid?.toString("latin1") ?? "");
    const file = files.get(name);
    if (file === undefined || entry.copyStatement === null) missing.push(name);
    else {
      const bytes = rawBytesOf(file.segments);
      tables.push({ bytes, tasks: tasksOf(file, entry.copyStatement) });
    }
  }
  tables.sort((a, b) => b.bytes - a.bytes);
  return { tasks: tables.flatMap(({ tasks }) => tasks), missing };
}

function tasksOf(file: ArchiveFile, copyStatement: Buffer): readonly LoadTask[] {
  const statement = parseCopyStatement(copyStatement);
  const { relation } = statement;
  const copy = copyIntoTable(statement);
  const label = `${file.table?.schema ?? ""}.${file.table?.name ?? ""}`;
  // The last segment is the end mark, which COPY itself does not need.
  return groupSegments(file.segments.slice(0, -1)).map((segments) => ({
    kind: "table",
    file,
    label,
    relation,
    copy,
    segments,
    bytes: rawBytesOf(segments),
  }));
}

/** Every segment ends with a whole row, so that any run of them can be loaded by itself. */
function groupSegments(segments: readonly ArchiveSegment[]): readonly ArchiveSegment[][] {
  const groups: ArchiveSegment[][] = [];
  for (const segment of segments) {
    const group = groups.at(-1);
    if (group === undefined || rawBytesOf(group) >= bytesPerTask) groups.push([segment]);
    else group.push(segment);
  }
  return groups;
}

const rawBytesOf = (segments: readonly ArchiveSegment[]): number =>
  segments.reduce((sum, segment) => sum + segment.rawLength, 0);
