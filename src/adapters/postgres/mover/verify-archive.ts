import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveSegment } from "../../../domain/manifest.ts";
import type { StoredArchive, TransferControl, VerifyOutcome } from "../../../ports/data-mover.ts";
import { tocFileName } from "./archive-assembly.ts";
import { createWorkGroup, WorkQueue } from "./concurrency.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { createSegmentReader } from "./segment-reader.ts";
import { type NamedSegment, segmentsOf } from "./stored-segments.ts";
import { parseToc, readSmallFile } from "./toc-folder.ts";

const readers = 4;
/** Stored bytes that one of them reads in a row: in one request, where they lie side by side. */
const shareBytes = 32 * 1024 * 1024;

/** Re-reads every stored byte and compares lengths and checksums, of packs and segments alike. */
export async function verifyArchive(
  deps: MoverDependencies,
  stored: StoredArchive,
  control: TransferControl,
): Promise<VerifyOutcome> {
  const group = createWorkGroup(control.signal);
  await checkPackLengths(deps, stored);
  const reader = await createSegmentReader(deps, stored, group.signal);
  const segments = distinctSegments(stored);
  const bytesTotal = segments.reduce((sum, { segment }) => sum + segment.length, 0);
  const queue = new WorkQueue(sharesOf(segments));
  let bytes = 0;
  const work = async (): Promise<void> => {
    for (let share = queue.take(); share !== undefined; share = queue.take()) {
      await reader.check(share, ({ length }) => {
        bytes += length;
        control.onProgress({ bytesDone: bytes, bytesTotal });
      });
    }
  };
  await group.all(Array.from({ length: readers }, work));
  parseToc(await readSmallFile(reader, stored, tocFileName), stored.recoveryPointId);
  return { segments: segments.length, bytes };
}

function sharesOf(segments: readonly NamedSegment[]): readonly NamedSegment[][] {
  const shares: NamedSegment[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const named of segments) {
    if (bytes >= shareBytes) {
      shares.push([]);
      bytes = 0;
    }
    shares.at(-1)?.push(named);
    bytes += named.segment.length;
  }
  return shares;
}

async function checkPackLengths(deps: MoverDependencies, stored: StoredArchive): Promise<void> {
  for (const pack of stored.archive.packs) {
    const properties = await deps.blobs.properties(`${stored.folder}/${pack.name}`);
    if (properties?.lengthBytes === pack.length) continue;
    const found = properties === undefined ? "is absent" : `has ${properties.lengthBytes} bytes`;
    throw new FaultError(
      fault("RecoveryPointCorrupt", {
        recoveryPoint: stored.recoveryPointId,
        detail: `pack ${pack.name} ${found} instead of ${pack.length} bytes`,
      }),
    );
  }
}

/** Each once, in the order of the packs, though many files may share one. */
export function distinctSegments({
  archive,
}: Pick<StoredArchive, "archive">): readonly NamedSegment[] {
  const found = new Map<string, NamedSegment>();
  for (const named of archive.files.flatMap(segmentsOf)) {
    const key = keyOf(named.segment);
    if (!found.has(key)) found.set(key, named);
  }
  return [...found.values()].toSorted(
    (a, b) => a.segment.pack - b.segment.pack || a.segment.offset - b.segment.offset,
  );
}

export const keyOf = ({ pack, offset, length, sha256 }: ArchiveSegment): string =>
  `${pack}/${offset}/${length}/${sha256}`;
