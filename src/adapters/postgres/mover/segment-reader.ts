import { createHash } from "node:crypto";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveSegment } from "../../../domain/manifest.ts";
import type { StoredArchive } from "../../../ports/data-mover.ts";
import { openArchiveCipher } from "./archive-cipher.ts";
import { freeBuffer } from "./free-buffer.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";

/** Reads segments of one archive; nothing leaves unchecked. */
export interface SegmentReader {
  /** Reads it and compares its checksum, keeping nothing. */
  check(segment: ArchiveSegment, name: string): Promise<void>;
  /**
   * Raw bytes in pieces, after the whole segment's checksum was compared; its stored bytes are taken
   * from `ahead` where that is given.
   */
  raw(segment: ArchiveSegment, name: string, ahead?: ReadAhead): AsyncGenerator<Uint8Array>;
  /** Stored bytes of several neighbours, by one request. */
  readAhead(range: PackRange): Promise<ReadAhead>;
}

export interface PackRange {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

export interface ReadAhead {
  readonly range: PackRange;
  /** Unchecked as yet: each segment's checksum is compared when it is read. */
  readonly bytes: Buffer;
}

/** A longer segment, made by one huge row, is read twice instead of being held in memory. */
const defaultLimits = { heldBytes: 64 * 1024 * 1024 };
const pieceBytes = 256 * 1024;

export async function createSegmentReader(
  { blobs, keys }: Pick<MoverDependencies, "blobs" | "keys">,
  stored: StoredArchive,
  signal: AbortSignal,
  { heldBytes }: { readonly heldBytes: number } = defaultLimits,
): Promise<SegmentReader> {
  const open = await openArchiveCipher(keys, stored);
  const corrupt = (detail: string): FaultError =>
    new FaultError(
      fault("RecoveryPointCorrupt", { recoveryPoint: stored.recoveryPointId, detail }),
    );

  async function* bytesOf(
    segment: ArchiveSegment,
    name: string,
    ahead?: ReadAhead,
  ): AsyncGenerator<Uint8Array> {
    const pack = stored.archive.packs[segment.pack];
    if (pack === undefined)
      throw corrupt(`${name} names pack ${segment.pack}, which is not listed`);
    const hash = createHash("sha256");
    let length = 0;
    const pieces =
      ahead === undefined
        ? blobs.read(`${stored.folder}/${pack.name}`, segment)
        : [cutOut(ahead, segment)];
    for await (const piece of pieces) {
      signal.throwIfAborted();
      hash.update(piece);
      length += piece.length;
      yield piece;
    }
    if (length === segment.length && hash.digest("hex") === segment.sha256) return;
    throw corrupt(
      `the checksum of ${name} differs in ${pack.name} at offset ${segment.offset}, ${segment.length} bytes`,
    );
  }

  const check = async (segment: ArchiveSegment, name: string): Promise<void> => {
    await discard(bytesOf(segment, name));
  };

  async function* checkedBytes(
    segment: ArchiveSegment,
    name: string,
    ahead?: ReadAhead,
  ): AsyncGenerator<Uint8Array> {
    if (segment.length <= heldBytes) {
      const bytes = await gather(bytesOf(segment, name, ahead), segment.length);
      yield open === undefined ? bytes : open.whole(bytes, segment);
      return;
    }
    const pieces = (): AsyncGenerator<Uint8Array> =>
      open === undefined ? bytesOf(segment, name) : open.pieces(bytesOf(segment, name), segment);
    // Checksum and tag come after the last byte: nothing is given on before they were compared once.
    await discard(pieces());
    yield* pieces();
  }

  async function* raw(
    segment: ArchiveSegment,
    name: string,
    ahead?: ReadAhead,
  ): AsyncGenerator<Uint8Array> {
    let length = 0;
    const decoded = decode(stored.archive.compression, checkedBytes(segment, name, ahead));
    for await (const piece of decoded) {
      length += piece.length;
      yield piece;
    }
    if (length !== segment.rawLength) {
      throw corrupt(`${name} has a segment of ${length} raw bytes instead of ${segment.rawLength}`);
    }
  }

  const readAhead = async (range: PackRange): Promise<ReadAhead> => {
    const pack = stored.archive.packs[range.pack];
    if (pack === undefined) throw corrupt(`pack ${range.pack} is not listed`);
    const bytes = await gather(blobs.read(`${stored.folder}/${pack.name}`, range), range.length);
    return { range, bytes };
  };

  return { check, raw, readAhead };
}

async function discard(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) freeBuffer(piece);
}

/**
 * Copies each piece at once: pieces that are kept until the last outlive the cheap collections, and
 * their memory with them. Nothing is allocated before the store has answered that the range exists.
 */
async function gather(pieces: AsyncIterable<Uint8Array>, lengthBytes: number): Promise<Buffer> {
  let whole: Buffer | undefined;
  let used = 0;
  for await (const piece of pieces) {
    whole ??= Buffer.allocUnsafeSlow(lengthBytes);
    whole.set(piece.subarray(0, lengthBytes - used), used);
    used = Math.min(used + piece.length, lengthBytes);
    freeBuffer(piece);
  }
  return whole?.subarray(0, used) ?? Buffer.alloc(0);
}

/** Too short, and so refused by its checksum, when the range does not cover the segment. */
const cutOut = ({ range, bytes }: ReadAhead, segment: ArchiveSegment): Buffer => {
  const start = segment.offset - range.offset;
  return bytes.subarray(start, start + segment.length);
};

async function* decode(
  compression: StoredArchive["archive"]["compression"],
  bytes: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (compression === "none") {
    yield* bytes;
    return;
  }
  const options = { chunkSize: pieceBytes };
  const stream = compression === "zstd" ? createZstdDecompress(options) : createGunzip(options);
  const feeding = feed(stream, bytes);
  yield* stream as AsyncIterable<Uint8Array>;
  await feeding;
}

async function feed(
  stream: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
  bytes: AsyncGenerator<Uint8Array>,
): Promise<void> {
  try {
    for await (const piece of bytes) {
      const hasRoom = stream.write(piece, () => freeBuffer(piece));
      if (!hasRoom) await new Promise((resolve) => stream.once("drain", resolve));
    }
    stream.end();
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
