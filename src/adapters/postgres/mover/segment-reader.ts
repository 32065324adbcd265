import { createGunzip, createZstdDecompress } from "node:zlib";
import type { ArchiveSegment } from "../../../domain/manifest.ts";
import type { StoredArchive } from "../../../ports/data-mover.ts";
import { openArchiveCipher } from "./archive-cipher.ts";
import { freeBuffer } from "./free-buffer.ts";
import type { MoverDependencies } from "./mover-dependencies.ts";
import { oneAhead } from "./one-ahead.ts";
import {
  corruptArchive,
  type NamedSegment,
  readStored,
  type SegmentSource,
  type StoredSegment,
  streamStored,
} from "./stored-segments.ts";

/** Reads segments of one archive; nothing leaves unchecked. */
export interface SegmentReader {
  /** Compares their checksums, keeping nothing. */
  check(
    wanted: readonly NamedSegment[],
    onChecked?: (segment: ArchiveSegment) => void,
  ): Promise<void>;
  /**
   * One after the other, while the next one is read. All pieces of one are to be taken before the
   * next one is asked for.
   */
  open(wanted: readonly NamedSegment[]): AsyncGenerator<OpenSegment>;
  /** The raw bytes of them all, in pieces. */
  raw(wanted: readonly NamedSegment[]): AsyncGenerator<Uint8Array>;
}

export interface OpenSegment extends NamedSegment {
  /** Raw. */
  readonly pieces: AsyncGenerator<Uint8Array>;
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
  const cipher = await openArchiveCipher(keys, stored);
  const source: SegmentSource = { blobs, stored, signal, heldBytes };

  async function* opened(found: StoredSegment): AsyncGenerator<Uint8Array> {
    const { segment, bytes } = found;
    if (bytes !== undefined) {
      yield cipher === undefined ? bytes : cipher.whole(bytes, segment);
      return;
    }
    const pieces = (): AsyncGenerator<Uint8Array> =>
      cipher === undefined
        ? streamStored(source, found)
        : cipher.pieces(streamStored(source, found), segment);
    // Checksum and tag come after the last byte: nothing is given on before they were compared once.
    await discard(pieces());
    yield* pieces();
  }

  async function* decoded(found: StoredSegment): AsyncGenerator<Uint8Array> {
    const { rawLength } = found.segment;
    let length = 0;
    for await (const piece of decode(stored.archive.compression, opened(found))) {
      length += piece.length;
      yield piece;
    }
    if (length !== rawLength) {
      const detail = `${found.name} has a segment of ${length} raw bytes instead of ${rawLength}`;
      throw corruptArchive(stored, detail);
    }
  }

  async function* open(wanted: readonly NamedSegment[]): AsyncGenerator<OpenSegment> {
    for await (const found of oneAhead(readStored(source, wanted))) {
      yield { segment: found.segment, name: found.name, pieces: decoded(found) };
    }
  }

  return {
    check: async (wanted, onChecked) => {
      for await (const found of readStored(source, wanted)) {
        if (found.bytes === undefined) await discard(streamStored(source, found));
        else freeBuffer(found.bytes);
        onChecked?.(found.segment);
      }
    },
    open,
    raw: async function* (wanted) {
      for await (const { pieces } of open(wanted)) yield* pieces;
    },
  };
}

async function discard(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) freeBuffer(piece);
}

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
