import { createHash, hash } from "node:crypto";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveFile, ArchiveSegment } from "../../../domain/manifest.ts";
import type { BlobStore } from "../../../ports/blob-store.ts";
import type { StoredArchive } from "../../../ports/data-mover.ts";
import { createByteCursor } from "./byte-cursor.ts";

export interface NamedSegment {
  readonly segment: ArchiveSegment;
  /** For messages: the file, or the table, that it belongs to. */
  readonly name: string;
}

export const segmentsOf = ({ name, segments }: ArchiveFile): readonly NamedSegment[] =>
  segments.map((segment) => ({ segment, name }));

/** As it is stored, compared with its checksum; without bytes when it is too long to be held. */
export interface StoredSegment extends NamedSegment {
  readonly bytes?: Buffer;
}

export interface SegmentSource {
  readonly blobs: Pick<BlobStore, "read">;
  readonly stored: StoredArchive;
  readonly signal: AbortSignal;
  /** Longest segment that is held in memory. */
  readonly heldBytes: number;
}

/** Bytes between two segments that cost less to read than a request of their own. */
const gapLimitBytes = 256 * 1024;

/** In the order asked for; neighbours in a pack share one request. */
export async function* readStored(
  source: SegmentSource,
  wanted: readonly NamedSegment[],
): AsyncGenerator<StoredSegment> {
  for (const run of runsOf(wanted, source.heldBytes)) {
    const [first] = run;
    if (run.length === 1 && first.segment.length > source.heldBytes) yield first;
    else yield* readRun(source, run);
  }
}

type Run = [NamedSegment, ...NamedSegment[]];

function runsOf(wanted: readonly NamedSegment[], heldBytes: number): readonly Run[] {
  const runs: Run[] = [];
  for (const named of wanted) {
    const run = runs.at(-1);
    if (run !== undefined && follows(run.at(-1)?.segment, named.segment, heldBytes))
      run.push(named);
    else runs.push([named]);
  }
  return runs;
}

function follows(
  before: ArchiveSegment | undefined,
  segment: ArchiveSegment,
  heldBytes: number,
): boolean {
  if (before === undefined || before.pack !== segment.pack) return false;
  if (Math.max(before.length, segment.length) > heldBytes) return false;
  const gapBytes = segment.offset - before.offset - before.length;
  return gapBytes >= 0 && gapBytes <= gapLimitBytes;
}

async function* readRun(source: SegmentSource, run: Run): AsyncGenerator<StoredSegment> {
  const [first] = run;
  const last = run.at(-1) ?? first;
  let at = first.segment.offset;
  const range = { offset: at, length: last.segment.offset + last.segment.length - at };
  const cursor = createByteCursor(source.blobs.read(pathOf(source, first), range), source.signal);
  try {
    for (const named of run) {
      const { offset, length, sha256 } = named.segment;
      await cursor.skip(offset - at);
      const bytes = await cursor.take(length);
      at = offset + length;
      if (bytes.length !== length || hash("sha256", bytes) !== sha256) throw differs(source, named);
      yield { ...named, bytes };
    }
  } finally {
    await cursor.close();
  }
}

/** One segment by a request of its own. Its checksum is compared at the end: it comes unchecked. */
export async function* streamStored(
  source: SegmentSource,
  named: NamedSegment,
): AsyncGenerator<Uint8Array> {
  const { segment } = named;
  const sum = createHash("sha256");
  let length = 0;
  for await (const piece of source.blobs.read(pathOf(source, named), segment)) {
    source.signal.throwIfAborted();
    sum.update(piece);
    length += piece.length;
    yield piece;
  }
  if (length !== segment.length || sum.digest("hex") !== segment.sha256) {
    throw differs(source, named);
  }
}

function pathOf({ stored }: SegmentSource, { segment, name }: NamedSegment): string {
  const pack = stored.archive.packs[segment.pack];
  if (pack !== undefined) return `${stored.folder}/${pack.name}`;
  throw corruptArchive(stored, `${name} names pack ${segment.pack}, which is not listed`);
}

function differs({ stored }: SegmentSource, { segment, name }: NamedSegment): FaultError {
  const pack = stored.archive.packs[segment.pack]?.name;
  const where = `${pack} at offset ${segment.offset}, ${segment.length} bytes`;
  return corruptArchive(stored, `the checksum of ${name} differs in ${where}`);
}

export const corruptArchive = (
  { recoveryPointId: recoveryPoint }: StoredArchive,
  detail: string,
): FaultError => new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint, detail }));
