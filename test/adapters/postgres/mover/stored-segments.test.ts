import { hash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type NamedSegment,
  readStored,
} from "../../../../src/adapters/postgres/mover/stored-segments.ts";
import type { ArchiveManifest } from "../../../../src/domain/manifest.ts";
import type { BlobStore } from "../../../../src/ports/blob-store.ts";

const kib = 1024;
const heldBytes = 100 * kib;

/** Two packs of a megabyte in a store that notes what is read of it. */
function scene() {
  const packs = [randomBytes(1024 * kib), randomBytes(1024 * kib)];
  const reads: string[] = [];
  const blobs: Pick<BlobStore, "read"> = {
    async *read(path, range) {
      const { offset = 0, length = 0 } = range ?? {};
      reads.push(`${path} ${offset}+${length}`);
      const bytes = packs[Number(path.slice(-1))]?.subarray(offset, offset + length);
      for (let at = 0; at < length; at += 7000) {
        yield Uint8Array.from(bytes?.subarray(at, at + 7000) ?? []);
      }
    },
  };
  const segment = (pack: number, offset: number, length: number): NamedSegment => {
    const bytes = packs[pack]?.subarray(offset, offset + length) ?? Buffer.alloc(0);
    const sha256 = hash("sha256", bytes);
    return {
      segment: { pack, offset, length, sha256, rawLength: length },
      name: `${pack}/${offset}`,
    };
  };
  const archive: ArchiveManifest = {
    format: "directory",
    compression: "none",
    packs: packs.map(({ length }, index) => ({ name: `pack-${index}`, length })),
    files: [],
    storedBytes: 0,
    rawBytes: 0,
  };
  const stored = { recoveryPointId: "rp", folder: "f", archive };
  const read = async (wanted: readonly NamedSegment[], onRead = (_name: string) => {}) => {
    const source = { blobs, stored, signal: new AbortController().signal, heldBytes };
    for await (const { name, segment: found, bytes } of readStored(source, wanted)) {
      onRead(name);
      if (bytes !== undefined) expect(hash("sha256", bytes)).toBe(found.sha256);
    }
  };
  return { packs, reads, segment, read };
}

describe("reading stored segments", () => {
  it("asks once for neighbours, and for those with a small gap between them", async () => {
    const { reads, segment, read } = scene();
    await read([segment(0, 10, 50 * kib), segment(0, 10 + 50 * kib, 90), segment(0, 90 * kib, 30)]);
    expect(reads).toEqual([`f/pack-0 10+${90 * kib + 30 - 10}`]);
  });

  it("asks anew for another pack, behind a wide gap, and to go back", async () => {
    const { reads, segment, read } = scene();
    await read([
      segment(0, 0, 10),
      segment(1, 10, 10),
      segment(1, 900 * kib, 10),
      segment(1, 20, 10),
    ]);
    expect(reads).toEqual([
      "f/pack-0 0+10",
      "f/pack-1 10+10",
      `f/pack-1 ${900 * kib}+10`,
      "f/pack-1 20+10",
    ]);
  });

  it("leaves one that is too long to be held to its reader, amid a run", async () => {
    const { reads, segment, read } = scene();
    await read([segment(0, 0, 10), segment(0, 10, heldBytes + 1), segment(0, heldBytes + 11, 10)]);
    expect(reads).toEqual(["f/pack-0 0+10", `f/pack-0 ${heldBytes + 11}+10`]);
  });

  it("gives those before a damaged one, and nothing of it", async () => {
    const { packs, segment, read } = scene();
    const wanted = [
      segment(0, 0, 20 * kib),
      segment(0, 20 * kib, 20 * kib),
      segment(0, 40 * kib, 1),
    ];
    packs[0]?.writeUInt8((packs[0]?.readUInt8(30 * kib) ?? 0) ^ 1, 30 * kib);
    const given: string[] = [];
    await expect(read(wanted, (name) => given.push(name))).rejects.toMatchObject({
      fault: {
        code: "RecoveryPointCorrupt",
        message: expect.stringMatching(
          /the checksum of 0\/20480 differs in pack-0 at offset 20480/,
        ),
      },
    });
    expect(given).toEqual(["0/0"]);
  });

  it("refuses a pack that the manifest does not list", async () => {
    const { read, segment } = scene();
    await expect(read([segment(2, 0, 0)])).rejects.toMatchObject({
      fault: { message: expect.stringMatching(/names pack 2, which is not listed/) },
    });
  });
});
