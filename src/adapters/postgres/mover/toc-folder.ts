import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { StoredArchive } from "../../../ports/data-mover.ts";
import { ArchiveFormatError } from "../archive/archive-cursor.ts";
import { type TableOfContents, TocParser } from "../archive/table-of-contents.ts";
import { tocFileName } from "./archive-assembly.ts";
import type { SegmentReader } from "./segment-reader.ts";
import { segmentsOf } from "./stored-segments.ts";

/**
 * Lays `toc.dat` into a temporary folder for pg_restore: the only file of an archive that ever
 * touches a disk. The folder is gone when `use` ends.
 */
export async function withTocFolder<T>(
  reader: SegmentReader,
  stored: StoredArchive,
  use: (folder: string, toc: Buffer) => Promise<T>,
): Promise<T> {
  const toc = await readSmallFile(reader, stored, tocFileName);
  await sweepLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  try {
    await writeFile(join(folder, tocFileName), toc, { mode: 0o600 });
    return await use(folder, toc);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const folderPrefix = "pgvault-toc-";

/** Folders whose process is gone: killed, or it would have removed them itself. */
async function sweepLeftovers(): Promise<void> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => {
    const pid = new RegExp(`^${folderPrefix}(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await Promise.all(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A file of the archive that fits into memory. */
export async function readSmallFile(
  reader: SegmentReader,
  stored: StoredArchive,
  name: string,
): Promise<Buffer> {
  const file = stored.archive.files.find((candidate) => candidate.name === name);
  if (file === undefined) {
    throw new FaultError(
      fault("RecoveryPointCorrupt", {
        recoveryPoint: stored.recoveryPointId,
        detail: `its manifest lists no ${name}`,
      }),
    );
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of reader.raw(segmentsOf(file))) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A whole table of contents; `RecoveryPointCorrupt` when it is none. */
export function parseToc(bytes: Buffer, recoveryPoint: string): TableOfContents {
  const refuse = (detail: string, cause?: unknown): FaultError =>
    new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint, detail }), { cause });
  try {
    const toc = new TocParser().push(bytes);
    if (toc !== undefined) return toc;
  } catch (error) {
    if (error instanceof ArchiveFormatError) throw refuse(`toc.dat: ${error.message}`, error);
    throw error;
  }
  throw refuse("toc.dat ends too early");
}
