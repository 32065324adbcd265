import { createHash, randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createMemoryBlobStore } from "../../../../src/adapters/memory/blob-store.ts";
import { createArchiveCipher } from "../../../../src/adapters/postgres/mover/archive-cipher.ts";
import { createFileKeyWrapper } from "../../../../src/adapters/postgres/mover/file-key-wrapper.ts";
import { createSegmentReader } from "../../../../src/adapters/postgres/mover/segment-reader.ts";
import type { ArchiveManifest, ArchiveSegment } from "../../../../src/domain/manifest.ts";
import type { BlobStore } from "../../../../src/ports/blob-store.ts";

const key = randomBytes(32);
const keys = createFileKeyWrapper(async () => key);
const heldBytes = 1000;
/** More than is held, compressed or not. */
const row = randomBytes(50_000);
const nonceBytes = 12;
const tagBytes = 16;
const place = 17;

const encoders = {
  none: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
} as const;

interface Form {
  readonly encrypted: boolean;
  readonly compression?: keyof typeof encoders;
  /** Bytes in which the store gives the segment. */
  readonly chunkBytes?: number;
  /** Before the checksum is taken: what only the tag can tell. */
  readonly tamper?: (stored: Buffer) => void;
  readonly beforeRead?: (reads: number, stored: Buffer) => void;
}

/** One segment of one row in a store whose reads are counted. */
async function scene({ encrypted, compression = "none", chunkBytes = 997, ...form }: Form) {
  const cipher = encrypted ? await createArchiveCipher(keys, "file:vault") : undefined;
  const encoded = encoders[compression](row);
  const seal = cipher?.begin({ pack: 0, offset: place });
  const stored =
    seal === undefined
      ? Buffer.from(encoded)
      : Buffer.concat([seal.head, seal.update(encoded), seal.finish()]);
  form.tamper?.(stored);
  const segment: ArchiveSegment = {
    pack: 0,
    offset: place,
    length: stored.length,
    sha256: createHash("sha256").update(stored).digest("hex"),
    rawLength: row.length,
  };
  const plain: ArchiveManifest = {
    format: "directory",
    compression,
    packs: [{ name: "pack-00000", length: place + stored.length }],
    files: [{ name: "t1.dat", segments: [segment] }],
    storedBytes: stored.length,
    rawBytes: row.length,
  };
  const archive = cipher === undefined ? plain : { ...plain, encryption: cipher.describe(plain) };
  const state = { reads: 0, stored, delivered: [] as Uint8Array[] };
  const memory = createMemoryBlobStore({ clock: { now: () => 0 } });
  const blobs: BlobStore = {
    ...memory,
    async *read() {
      state.reads += 1;
      form.beforeRead?.(state.reads, stored);
      const now = Buffer.from(state.stored);
      for (let at = 0; at < now.length; at += chunkBytes) {
        yield Uint8Array.from(now.subarray(at, at + chunkBytes));
      }
    },
  };
  const signal = new AbortController().signal;
  const location = { recoveryPointId: "rp", folder: "f", archive };
  const reader = await createSegmentReader({ blobs, keys }, location, signal, { heldBytes });
  const read = async (): Promise<void> => {
    const wanted = [{ segment, name: "t1.dat" }];
    for await (const piece of reader.raw(wanted)) state.delivered.push(piece.slice());
  };
  return { state, read };
}

const corrupt = (detail: RegExp) => ({
  fault: { code: "RecoveryPointCorrupt", message: expect.stringMatching(detail) },
});

describe.each([true, false])("a segment longer than may be held (encrypted: %s)", (encrypted) => {
  it.each(["none", "gzip", "zstd"] as const)(
    "comes back by two reads (%s)",
    async (compression) => {
      const { state, read } = await scene({ encrypted, compression });
      await read();
      expect(Buffer.concat(state.delivered).equals(row)).toBe(true);
      expect(state.reads).toBe(2);
    },
  );

  it.each([1, 5, 12, 16, 28, 4096, 1_000_000])("comes back in chunks of %i", async (chunkBytes) => {
    const { state, read } = await scene({ encrypted, chunkBytes });
    await read();
    expect(Buffer.concat(state.delivered).equals(row)).toBe(true);
    // Never more at a time than the store gave.
    for (const piece of state.delivered) expect(piece.length).toBeLessThanOrEqual(chunkBytes);
  });

  it.each([0, nonceBytes, 25_000, -tagBytes, -1])(
    "with a byte flipped at %i gives nothing",
    async (at) => {
      const { state, read } = await scene({ encrypted });
      flip(state.stored, at);
      await expect(read()).rejects.toMatchObject(corrupt(/the checksum of t1\.dat differs/));
      expect(state.delivered).toEqual([]);
      expect(state.reads).toBe(1);
    },
  );

  it("is compared again while it is given on", async () => {
    const { state, read } = await scene({
      encrypted,
      beforeRead: (reads, stored) => {
        if (reads === 2) flip(stored, 25_000);
      },
    });
    await expect(read()).rejects.toMatchObject(corrupt(/the checksum of t1\.dat differs/));
    expect(state.reads).toBe(2);
  });
});

describe("an encrypted segment longer than may be held", () => {
  it.each([0, nonceBytes, 25_000, -tagBytes, -1])(
    "that was forged at %i, checksum and all, gives nothing",
    async (at) => {
      const { state, read } = await scene({
        encrypted: true,
        tamper: (stored) => flip(stored, at),
      });
      await expect(read()).rejects.toMatchObject(corrupt(/cannot be decrypted/));
      expect(state.delivered).toEqual([]);
      expect(state.reads).toBe(1);
    },
  );
});

function flip(bytes: Buffer, at: number): void {
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
}
