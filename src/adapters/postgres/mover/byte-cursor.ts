import { freeBuffer } from "./free-buffer.ts";

/** Cuts a stream of bytes into parts of known lengths, one after the other. */
export interface ByteCursor {
  /** Shorter when the stream ends before. */
  take(lengthBytes: number): Promise<Buffer>;
  skip(lengthBytes: number): Promise<void>;
  /** Gives the rest up. */
  close(): Promise<void>;
}

const nothing: Uint8Array = new Uint8Array(0);

/**
 * Copies each piece at once and frees it: pieces that are kept outlive the cheap collections, and
 * their memory with them. Nothing is allocated before the stream has given its first byte.
 */
export function createByteCursor(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): ByteCursor {
  const pieces = source[Symbol.asyncIterator]();
  let piece = nothing;
  let at = 0;
  const pass = async (
    lengthBytes: number,
    use: (part: Uint8Array, offset: number) => void,
  ): Promise<number> => {
    let passed = 0;
    while (passed < lengthBytes) {
      if (at === piece.length) {
        freeBuffer(piece);
        piece = nothing;
        at = 0;
        const next = await pieces.next();
        signal.throwIfAborted();
        if (next.done === true) return passed;
        piece = next.value;
      }
      const part = piece.subarray(at, at + lengthBytes - passed);
      use(part, passed);
      at += part.length;
      passed += part.length;
    }
    return passed;
  };
  return {
    take: async (lengthBytes) => {
      let taken: Buffer | undefined;
      const passed = await pass(lengthBytes, (part, offset) => {
        taken ??= Buffer.allocUnsafeSlow(lengthBytes);
        taken.set(part, offset);
      });
      return taken?.subarray(0, passed) ?? Buffer.alloc(0);
    },
    skip: async (lengthBytes) => {
      await pass(lengthBytes, () => {});
    },
    close: async () => {
      await pieces.return?.();
    },
  };
}
