import { constants, createGzip, createZstdCompress, type ZstdCompress } from "node:zlib";
import type { ArchiveManifest } from "../../../domain/manifest.ts";
import { freeBuffer } from "./free-buffer.ts";

/** Turns raw bytes into the stored form of segments, each of which can be decoded by itself. */
export interface SegmentEncoder {
  /** Resolves when `raw` may be reused; hands stored bytes to the output, in order. */
  write(raw: Uint8Array): Promise<void>;
  /** Ends the segment; the next write begins another. */
  endSegment(): Promise<void>;
  /** Frees the native context. */
  close(): void;
}

/** `stored` is valid only during the call. */
export type EncodedOutput = (stored: Buffer) => void;

/** Size of the pieces in which the compressors answer; smaller ones cost up to a fifth more CPU. */
const outputChunkBytes = 1024 * 1024;

export function createSegmentEncoder(
  compression: ArchiveManifest["compression"],
  level: number,
  output: EncodedOutput,
): SegmentEncoder {
  switch (compression) {
    case "zstd":
      return new ZstdEncoder(level, output);
    case "gzip":
      return new GzipEncoder(level, output);
    case "none":
      return plainEncoder(output);
  }
}

/** One frame per segment. The context lives as long as the encoder: making one costs more. */
class ZstdEncoder implements SegmentEncoder {
  readonly #stream: ZstdCompress;

  constructor(level: number, output: EncodedOutput) {
    this.#stream = createZstdCompress({
      chunkSize: outputChunkBytes,
      params: { [constants.ZSTD_c_compressionLevel]: level },
    });
    this.#stream.on("data", passOn(output));
  }

  write(raw: Uint8Array): Promise<void> {
    return settle((done) => this.#stream.write(raw, done));
  }

  endSegment(): Promise<void> {
    return settle((done) => this.#stream.flush(constants.ZSTD_e_end, () => done()));
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** One member per segment: a gzip stream ends with its member. */
class GzipEncoder implements SegmentEncoder {
  readonly #level: number;
  readonly #output: EncodedOutput;
  #stream: ReturnType<typeof createGzip> | undefined;

  constructor(level: number, output: EncodedOutput) {
    this.#level = level;
    this.#output = output;
  }

  write(raw: Uint8Array): Promise<void> {
    const stream = this.#begin();
    return settle((done) => stream.write(raw, done));
  }

  endSegment(): Promise<void> {
    const stream = this.#begin();
    this.#stream = undefined;
    return new Promise((resolve, reject) => {
      stream.on("end", resolve);
      stream.on("error", reject);
      stream.end();
    });
  }

  close(): void {
    this.#stream?.destroy();
  }

  #begin(): ReturnType<typeof createGzip> {
    if (this.#stream === undefined) {
      this.#stream = createGzip({ level: this.#level, chunkSize: outputChunkBytes });
      this.#stream.on("data", passOn(this.#output));
    }
    return this.#stream;
  }
}

/** A chunk that the compressor filled is left to its reader, and would wait for the collector. */
const passOn =
  (output: EncodedOutput): EncodedOutput =>
  (stored) => {
    output(stored);
    freeBuffer(stored);
  };

const plainEncoder = (output: EncodedOutput): SegmentEncoder => ({
  write: async (raw) => output(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)),
  endSegment: async () => {},
  close: () => {},
});

const settle = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
