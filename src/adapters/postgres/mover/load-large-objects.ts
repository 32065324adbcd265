import type { ArchiveFile } from "../../../domain/manifest.ts";
import type { SegmentReader } from "./segment-reader.ts";
import { segmentsOf } from "./stored-segments.ts";
import type { WireSession } from "./wire-port.ts";

/** SQL text sent at once: many small objects, or a part of a large one. */
const batchTextBytes = 1024 * 1024;
/** Bytes of one `lo_put`. */
const pieceBytes = 256 * 1024;

/** Fills the large objects that pg_restore has created, in a transaction. */
export async function loadLargeObjects(
  session: WireSession,
  files: readonly ArchiveFile[],
  reader: SegmentReader,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let statements: string[] = [];
  let textBytes = 0;
  const flush = async (): Promise<void> => {
    if (statements.length > 0) await session.execute(statements.join(";"));
    statements = [];
    textBytes = 0;
  };
  await session.execute("BEGIN");
  let current = "";
  let offset = 0;
  for await (const { name, pieces } of reader.open(files.flatMap(segmentsOf))) {
    if (name !== current) offset = 0;
    current = name;
    for await (const piece of pieces) {
      for (let start = 0; start < piece.length; start += pieceBytes) {
        const bytes = piece.subarray(start, start + pieceBytes);
        const hex = Buffer.from(bytes).toString("hex");
        statements.push(`SELECT pg_catalog.lo_put(${oidOf(name)}, ${offset}, '\\x${hex}')`);
        offset += bytes.length;
        textBytes += hex.length;
        if (textBytes >= batchTextBytes) await flush();
      }
      onBytes(piece.length);
    }
  }
  await flush();
  await session.execute("COMMIT");
}

export const isLargeObject = (file: ArchiveFile): boolean => /^blob_\d+\.dat$/.test(file.name);

const oidOf = (name: string): string => /\d+/.exec(name)?.[0] ?? "0";
