import { Socket } from "node:net";

/** Read at once; more than the kernel has ready at a time does not help. */
const readBytes = 256 * 1024;

/** Takes bytes that are valid only during the call; false pauses the socket until `resume`. */
export type BytesTaker = (bytes: Buffer) => boolean;

/**
 * A socket that reads into one buffer of its own again and again: a new buffer for every read, as
 * `data` gives, makes the garbage collector run some eight times per 100 MB. Until `handTo` it emits
 * `data` as any socket does, which is what the login reads. TLS reads below it, past this buffer.
 */
export class SteadySocket extends Socket {
  #taker: BytesTaker | undefined;

  constructor() {
    super({
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (length, buffer) => this.#read(Buffer.from(buffer.buffer, 0, length)),
      },
    });
  }

  handTo(taker: BytesTaker): void {
    this.#taker = taker;
  }

  #read(bytes: Buffer): boolean {
    if (this.#taker !== undefined) return this.#taker(bytes);
    this.emit("data", Buffer.from(bytes));
    return true;
  }
}
