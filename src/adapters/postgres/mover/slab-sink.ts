import type { CopySink } from "./wire-port.ts";

/** A run of COPY bytes on its way to the compressor. Give it back with `SlabSink.recycle`. */
export interface Slab {
  readonly bytes: Buffer;
  /** A segment ends behind these bytes, which then end with a whole row. */
  readonly endsSegment: boolean;
}

/** Bytes after which a slab goes to the compressor. */
const slabTargetBytes = 1024 * 1024;
/** Room above the target for the rest of a piece off the socket. */
const slabSlackBytes = 320 * 1024;
/** Slabs of one connection: one being filled, one waiting, one being compressed. */
const slabsPerConnection = 3;
/** Below this length a loop is faster than a call into native code. */
const loopCopyBytes = 48;

/**
 * Packs the rows of a COPY densely into a few reused slabs; the socket rests while all are full.
 * Segments end between rows, so that each can be loaded by itself; only a row that is longer than a
 * segment makes a longer segment.
 */
export class SlabSink implements CopySink {
  readonly #free: Buffer[] = [];
  readonly #filled: Slab[] = [];
  readonly #segmentTargetBytes: number;
  #slab: Buffer;
  #used = 0;
  /** Offset behind the last whole row in the slab being filled. */
  #rowEnd = 0;
  #segmentBytes = 0;
  /** Start of a row that a segment's end cut off, for the next slab. */
  #carried: Buffer | undefined;
  #ended = false;
  #wakeConsumer: (() => void) | undefined;
  #wakeSocket: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(segmentTargetBytes: number) {
    this.#segmentTargetBytes = segmentTargetBytes;
    for (let count = 1; count < slabsPerConnection; count += 1) this.#free.push(newSlab());
    this.#slab = newSlab();
  }

  append(chunk: Buffer, start: number, end: number): void {
    let from = start;
    while (end - from > this.#slab.length - this.#used) {
      // Only a piece larger than the slack comes here: go on in a slab made for the occasion.
      const room = this.#slab.length - this.#used;
      chunk.copy(this.#slab, this.#used, from, from + room);
      this.#used += room;
      from += room;
      this.#handOver(this.#used, false);
      this.#slab = this.#free.pop() ?? newSlab();
    }
    if (end - from < loopCopyBytes) {
      const slab = this.#slab;
      let at = this.#used;
      for (let index = from; index < end; index += 1) slab[at++] = chunk[index] ?? 0;
      this.#used = at;
    } else {
      chunk.copy(this.#slab, this.#used, from, end);
      this.#used += end - from;
    }
  }

  endRow(): void {
    this.#rowEnd = this.#used;
  }

  endChunk(): Promise<void> | undefined {
    if (this.#used < slabTargetBytes || this.#failure !== undefined) return undefined;
    const cuts = this.#segmentBytes + this.#rowEnd >= this.#segmentTargetBytes && this.#rowEnd > 0;
    if (cuts) {
      this.#carried = Buffer.from(this.#slab.subarray(this.#rowEnd, this.#used));
      this.#handOver(this.#rowEnd, true);
    } else {
      this.#handOver(this.#used, false);
    }
    const next = this.#free.pop();
    if (next !== undefined) {
      this.#fill(next);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#wakeSocket = resolve;
    });
  }

  /** The COPY is over: what is left becomes the last slab. */
  end(): void {
    if (this.#used > 0 || this.#segmentBytes > 0) this.#handOver(this.#used, true);
    this.#ended = true;
    this.#wakeConsumer?.();
  }

  /** Lets the consumer's `slabs` throw, and takes no more. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wakeConsumer?.();
    this.#wakeSocket?.();
  }

  /** Usable again after a COPY that failed before its first row. */
  reset(): void {
    this.#failure = undefined;
    this.#ended = false;
  }

  /** Slabs in order, until `end`; each is free again when the next is asked for. */
  async *slabs(): AsyncGenerator<Slab> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const slab = this.#filled.shift();
      if (slab !== undefined) {
        yield slab;
        this.#recycle(slab);
      } else if (this.#ended) {
        this.#ended = false;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeConsumer = resolve;
        });
        this.#wakeConsumer = undefined;
      }
    }
  }

  #handOver(length: number, endsSegment: boolean): void {
    this.#filled.push({ bytes: this.#slab.subarray(0, length), endsSegment });
    this.#segmentBytes = endsSegment ? 0 : this.#segmentBytes + length;
    this.#used = 0;
    this.#rowEnd = 0;
    this.#slab = noSlab;
    this.#wakeConsumer?.();
  }

  #recycle(slab: Slab): void {
    // The empty slab that closes a segment after the socket had to rest is none of the ring's.
    if (slab.bytes.buffer.byteLength !== slabBytes) return;
    const whole = Buffer.from(slab.bytes.buffer, slab.bytes.byteOffset, slabBytes);
    if (this.#slab === noSlab) {
      this.#fill(whole);
      this.#wakeSocket?.();
      this.#wakeSocket = undefined;
    } else if (this.#free.length < slabsPerConnection - 1) {
      this.#free.push(whole);
    }
  }

  #fill(slab: Buffer): void {
    this.#slab = slab;
    if (this.#carried === undefined) return;
    this.#carried.copy(slab, 0);
    this.#used = this.#carried.length;
    this.#carried = undefined;
  }
}

const slabBytes = slabTargetBytes + slabSlackBytes;
/** Its memory is outside of Node's shared pool, so that it can be found again by its buffer. */
const newSlab = (): Buffer => Buffer.allocUnsafeSlow(slabBytes);
const noSlab = Buffer.alloc(0);
