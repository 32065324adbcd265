import { createHash, type Hash } from "node:crypto";
import type { ArchiveManifest, ArchiveSegment } from "../../../domain/manifest.ts";
import type { ArchiveCipher, SegmentSeal } from "./archive-cipher.ts";
import type { PackPlace, PackWriter } from "./pack-writer.ts";
import { createSegmentEncoder, type SegmentEncoder } from "./segment-encoder.ts";

/** Largest run that is handed to the encoder at once, when a caller has more. */
const writeBytes = 1024 * 1024;

interface OpenSegment {
  readonly place: PackPlace;
  readonly seal: SegmentSeal | undefined;
  readonly hash: Hash;
  storedBytes: number;
  rawBytes: number;
}

/** Compresses, checksums and packs segments one after the other; one per connection. */
export class SegmentWriter {
  readonly #pack: PackWriter;
  readonly #encoder: SegmentEncoder;
  readonly #cipher: ArchiveCipher | undefined;
  #open: OpenSegment | undefined;

  constructor(
    pack: PackWriter,
    form: Pick<ArchiveManifest, "compression">,
    level: number,
    cipher?: ArchiveCipher,
  ) {
    this.#pack = pack;
    this.#cipher = cipher;
    this.#encoder = createSegmentEncoder(form.compression, level, (stored) => this.#take(stored));
  }

  /** Adds to the segment at hand, or begins one. `raw` may be reused when it resolves. */
  async write(raw: Uint8Array): Promise<void> {
    this.#open ??= await this.#begin();
    for (let start = 0; start < raw.length; start += writeBytes) {
      await this.#encoder.write(raw.subarray(start, start + writeBytes));
      await this.#pack.ready();
    }
    this.#open.rawBytes += raw.length;
  }

  /** Ends the segment at hand; undefined when nothing was written. */
  async endSegment(): Promise<ArchiveSegment | undefined> {
    if (this.#open === undefined) return undefined;
    await this.#encoder.endSegment();
    if (this.#open.seal !== undefined) this.#store(this.#open, this.#open.seal.finish());
    const { place, hash, storedBytes, rawBytes } = this.#open;
    this.#open = undefined;
    await this.#pack.ready();
    return { ...place, length: storedBytes, sha256: hash.digest("hex"), rawLength: rawBytes };
  }

  /** A whole file in segments of at most `segmentBytes`. */
  async writeFile(raw: Uint8Array, segmentBytes: number): Promise<ArchiveSegment[]> {
    const segments: ArchiveSegment[] = [];
    for (let start = 0; start < raw.length; start += segmentBytes) {
      await this.write(raw.subarray(start, start + segmentBytes));
      const segment = await this.endSegment();
      if (segment !== undefined) segments.push(segment);
    }
    return segments;
  }

  /** Commits the pack. */
  async close(): Promise<void> {
    this.#encoder.close();
    await this.#pack.close();
  }

  /** After a failure: frees what is held and waits until nothing is on its way. */
  async abandon(): Promise<void> {
    this.#encoder.close();
    await this.#pack.quiet();
  }

  #take(stored: Buffer): void {
    const open = this.#open;
    if (open !== undefined) this.#store(open, open.seal?.update(stored) ?? stored);
  }

  async #begin(): Promise<OpenSegment> {
    const place = await this.#pack.place();
    const seal = this.#cipher?.begin(place);
    const open = { place, seal, hash: createHash("sha256"), storedBytes: 0, rawBytes: 0 };
    if (seal !== undefined) this.#store(open, seal.head);
    return open;
  }

  #store(open: OpenSegment, stored: Buffer): void {
    open.hash.update(stored);
    open.storedBytes += stored.length;
    this.#pack.append(stored);
  }
}
