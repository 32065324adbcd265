import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  type DecipherGCM,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { type Fault, FaultError, fault } from "../../../domain/fault.ts";
import type {
  ArchiveEncryption,
  ArchiveManifest,
  ArchiveSegment,
} from "../../../domain/manifest.ts";
import type { StoredArchive } from "../../../ports/data-mover.ts";
import type { KeyWrapper } from "../../../ports/key-wrapper.ts";
import { openInPieces } from "./open-in-pieces.ts";
import type { PackPlace } from "./pack-writer.ts";

const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Seals the segments of one archive; the data key is used for nothing else. */
export interface ArchiveCipher {
  begin(place: PackPlace): SegmentSeal;
  /** What the manifest says of the encryption, with a MAC over what it says of packs and files. */
  describe(archive: Omit<ArchiveManifest, "encryption">): ArchiveEncryption;
}

/** Stored form: nonce, ciphertext, tag. */
export interface SegmentSeal {
  readonly head: Buffer;
  update(bytes: Buffer): Buffer;
  finish(): Buffer;
}

export async function createArchiveCipher(keys: KeyWrapper, keyId: string): Promise<ArchiveCipher> {
  const dataKey = randomBytes(keyBytes);
  const wrapped = await keys.wrap(keyId, dataKey);
  // A key that may wrap but not unwrap must not be found out after hours of dumping.
  const unwrapped = await keys.unwrap(wrapped.keyId, wrapped.wrappedKey);
  if (!dataKey.equals(unwrapped)) {
    throw new FaultError(unusableKey(wrapped.keyId, "it does not give back what it wrapped."));
  }
  return {
    begin: (place) => beginSeal(dataKey, place),
    describe: (archive) => ({
      algorithm: "AES-256-GCM",
      keyId: wrapped.keyId,
      wrappedKey: Buffer.from(wrapped.wrappedKey).toString("base64"),
      mac: macOf(dataKey, archive).toString("base64"),
    }),
  };
}

/** Opens sealed segments; `RecoveryPointCorrupt` when one is not as it was sealed. */
export interface SegmentOpener {
  whole(stored: Buffer, segment: ArchiveSegment): Buffer;
  /** What it yields is not to be trusted before it has ended; see `openInPieces`. */
  pieces(stored: AsyncIterable<Uint8Array>, segment: ArchiveSegment): AsyncGenerator<Buffer>;
}

/** Unwraps the data key and checks the manifest; undefined for an archive that is not encrypted. */
export async function openArchiveCipher(
  keys: KeyWrapper | undefined,
  { archive, recoveryPointId: recoveryPoint }: StoredArchive,
): Promise<SegmentOpener | undefined> {
  const { encryption } = archive;
  if (encryption === undefined) return undefined;
  if (keys === undefined) throw new FaultError(noKeys(encryption.keyId));
  const wrapped = Buffer.from(encryption.wrappedKey, "base64");
  const dataKey = await keys.unwrap(encryption.keyId, wrapped);
  const mac = Buffer.from(encryption.mac, "base64");
  const expected = macOf(dataKey, archive);
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
    const detail = "its manifest was changed: packs, files or segments are not as they were sealed";
    throw new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint, detail }));
  }
  const refuse = (cause: unknown, { pack, offset }: ArchiveSegment): FaultError => {
    const detail = `a segment of pack ${pack} at offset ${offset} cannot be decrypted`;
    return new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint, detail }), { cause });
  };
  return {
    whole: (stored, segment) => {
      try {
        return openSegment(dataKey, stored, segment);
      } catch (cause) {
        throw refuse(cause, segment);
      }
    },
    pieces: (stored, segment) =>
      openInPieces(stored, {
        lengthBytes: segment.length,
        nonceBytes,
        tagBytes,
        createDecipher: (nonce) => createDecipher(dataKey, nonce, segment),
        refuse: (cause) => refuse(cause, segment),
      }),
  };
}

export const noKeys = (keyId: string): Fault =>
  unusableKey(keyId, "pgvault has no key of that name.");

const unusableKey = (key: string, detail: string): Fault =>
  fault("UserErrorEncryptionKeyUnusable", { key, detail }, { target: key });

function beginSeal(dataKey: Uint8Array, place: PackPlace): SegmentSeal {
  const nonce = randomBytes(nonceBytes);
  const cipher: CipherGCM = createCipheriv(algorithm, dataKey, nonce);
  cipher.setAAD(placeText(place));
  return {
    head: nonce,
    update: (bytes) => cipher.update(bytes),
    finish: () => Buffer.concat([cipher.final(), cipher.getAuthTag()]),
  };
}

function openSegment(dataKey: Uint8Array, stored: Buffer, segment: ArchiveSegment): Buffer {
  const decipher = createDecipher(dataKey, stored.subarray(0, nonceBytes), segment);
  decipher.setAuthTag(stored.subarray(stored.length - tagBytes));
  const body = stored.subarray(nonceBytes, stored.length - tagBytes);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

function createDecipher(dataKey: Uint8Array, nonce: Buffer, segment: ArchiveSegment): DecipherGCM {
  const decipher = createDecipheriv(algorithm, dataKey, nonce, { authTagLength: tagBytes });
  decipher.setAAD(placeText(segment));
  return decipher;
}

/** A segment is sealed for its place: moved elsewhere it does not open. */
const placeText = ({ pack, offset }: PackPlace): Buffer => Buffer.from(`${pack}/${offset}`);

/** One line for each pack, file and segment in order; docs/vault-format.md has it to the byte. */
function macOf(dataKey: Uint8Array, archive: Omit<ArchiveManifest, "encryption">): Buffer {
  const mac = createHmac("sha256", dataKey);
  mac.update(`pgvault manifest 1\n${archive.format} ${archive.compression}\n`);
  for (const pack of archive.packs) mac.update(`pack ${pack.length} ${pack.name}\n`);
  for (const file of archive.files) {
    mac.update(`file ${file.rows ?? "-"} ${file.name}\n`);
    for (const { pack, offset, length, rawLength, sha256 } of file.segments) {
      mac.update(`segment ${pack} ${offset} ${length} ${rawLength} ${sha256}\n`);
    }
  }
  return mac.digest();
}
