/** Thrown while bytes are still missing; the caller keeps its place and tries again with more. */
export class NeedMoreBytes extends Error {
  constructor() {
    super("the archive goes on behind the bytes at hand");
    this.name = "NeedMoreBytes";
  }
}

/** The archive is not what pg_dump writes; the message says where. */
export class ArchiveFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ArchiveFormatError";
  }
}

/** A string of an archive: bytes in the dump's encoding, which need not be UTF-8; null is NULL. */
export type ArchiveString = Buffer | null;

/** Longest string that a table of contents may hold: one definition of one object. */
const stringLimitBytes = 1024 * 1024 * 1024;

/** Reads pg_dump's primitive values (`ReadInt`, `ReadStr`, `ReadOffset` of pg_backup_archiver.c). */
export class ArchiveCursor {
  readonly bytes: Buffer;
  position: number;
  /** Bytes of an integer behind its sign byte; told by the header. */
  intSize = 4;
  offSize = 8;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  int(): number {
    const start = this.position;
    const piece = this.take(1 + this.intSize);
    let value = 0;
    for (let index = this.intSize; index >= 1; index -= 1)
      value = value * 256 + (piece[index] ?? 0);
    if (!Number.isSafeInteger(value)) throw new ArchiveFormatError(`integer too large at ${start}`);
    return piece[0] === 0 ? value : -value;
  }

  string(): ArchiveString {
    const start = this.position;
    const length = this.int();
    if (length < 0) return null;
    if (length > stringLimitBytes) {
      throw new ArchiveFormatError(`string of ${length} bytes at ${start}`);
    }
    return Buffer.from(this.take(length));
  }

  /** A data offset of the custom format; its value is of no use to us. */
  skipOffset(): void {
    this.take(1 + this.offSize);
  }

  take(length: number): Buffer {
    const end = this.position + length;
    if (end > this.bytes.length) throw new NeedMoreBytes();
    const piece = this.bytes.subarray(this.position, end);
    this.position = end;
    return piece;
  }
}

/** Writes what `ArchiveCursor` reads. */
export class ArchiveWriter {
  readonly #pieces: Buffer[] = [];
  readonly #intSize: number;

  constructor(intSize: number) {
    this.#intSize = intSize;
  }

  byte(value: number): void {
    this.#pieces.push(Buffer.from([value]));
  }

  bytes(value: Uint8Array): void {
    this.#pieces.push(Buffer.from(value));
  }

  int(value: number): void {
    const piece = Buffer.alloc(1 + this.#intSize);
    piece[0] = value < 0 ? 1 : 0;
    let rest = Math.abs(value);
    for (let index = 1; index <= this.#intSize; index += 1) {
      piece[index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#pieces.push(piece);
  }

  string(value: ArchiveString): void {
    this.int(value === null ? -1 : value.length);
    if (value !== null) this.#pieces.push(value);
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
