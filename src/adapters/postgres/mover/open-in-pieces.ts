import type { DecipherGCM } from "node:crypto";

/** Where the parts of a sealed segment lie, and how it is opened. */
export interface Sealed {
  readonly lengthBytes: number;
  readonly nonceBytes: number;
  readonly tagBytes: number;
  createDecipher(nonce: Buffer): DecipherGCM;
  /** The error to throw when the tag does not fit. */
  refuse(cause: unknown): Error;
}

/**
 * Opens what is too long to be held: nonce, ciphertext, tag, cut anywhere. What it yields is not to be
 * trusted before it has ended, for the tag comes last.
 */
export async function* openInPieces(
  stored: AsyncIterable<Uint8Array>,
  sealed: Sealed,
): AsyncGenerator<Buffer> {
  const { lengthBytes, nonceBytes, tagBytes } = sealed;
  const nonce = Buffer.alloc(nonceBytes);
  const tag = Buffer.alloc(tagBytes);
  const tagAt = lengthBytes - tagBytes;
  let decipher: DecipherGCM | undefined;
  let at = 0;
  for await (const piece of stored) {
    /** The part of this piece between two places of the segment. */
    const between = (start: number, end: number): Uint8Array =>
      piece.subarray(clamp(start - at, piece.length), clamp(end - at, piece.length));
    const ofNonce = between(0, nonceBytes);
    nonce.set(ofNonce, Math.min(at, nonceBytes));
    const ofTag = between(tagAt, lengthBytes);
    tag.set(ofTag, Math.max(0, Math.min(at - tagAt, tagBytes)));
    const body = between(nonceBytes, tagAt);
    at += piece.length;
    if (body.length === 0) continue;
    decipher ??= sealed.createDecipher(nonce);
    yield decipher.update(body);
  }
  decipher ??= sealed.createDecipher(nonce);
  decipher.setAuthTag(tag);
  yield finalOf(decipher, sealed);
}

function finalOf(decipher: DecipherGCM, sealed: Sealed): Buffer {
  try {
    return decipher.final();
  } catch (cause) {
    throw sealed.refuse(cause);
  }
}

const clamp = (value: number, limit: number): number => Math.max(0, Math.min(value, limit));
