import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArchiveFormatError } from "../../../../src/adapters/postgres/archive/archive-cursor.ts";
import type { ArchiveHeader } from "../../../../src/adapters/postgres/archive/archive-header.ts";
import {
  type TableOfContents,
  TocParser,
  writeDirectoryToc,
} from "../../../../src/adapters/postgres/archive/table-of-contents.ts";

/** Made by pg_dump 15 (-Fc -Z0): two tables, one with awkward names, a view, a large object. */
const real = readFileSync(new URL("fixtures/pg15-custom.dump", import.meta.url));

const text = (bytes: Buffer | null): string | undefined => bytes?.toString("utf8");

describe("a custom archive of pg_dump 15", () => {
  const toc = new TocParser().push(real);

  it("tells who wrote it", () => {
    expect(toc?.header).toMatchObject({
      version: { major: 1, minor: 14, revision: 0 },
      intSize: 4,
      offSize: 8,
      format: "custom",
      compression: "none",
    });
    expect(text(toc?.header.database ?? null)).toBe("fx");
    expect(text(toc?.header.dumpVersion ?? null)).toMatch(/^15\./);
  });

  it("lists its entries with their copy statements", () => {
    const data = toc?.entries.filter((entry) => text(entry.description) === "TABLE DATA");
    expect(data?.map((entry) => text(entry.copyStatement))).toEqual([
      'COPY "odd ""s"."t (1)" (id, "c d") FROM stdin;\n',
      "COPY public.nocol  FROM stdin;\n",
    ]);
    expect(data?.every((entry) => entry.hadDumper && entry.section === "data")).toBe(true);
    expect(toc?.entries.map((entry) => text(entry.description))).toContain("BLOBS");
  });

  it("is read the same however it is cut into pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }), (sizes) => {
        const parser = new TocParser();
        let found: TableOfContents | undefined;
        for (let at = 0, turn = 0; at < real.length && found === undefined; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          found = parser.push(real.subarray(at, at + size));
          at += size;
        }
        expect(found).toEqual(toc);
      }),
      { numRuns: 50 },
    );
  });

  it("becomes a directory archive's toc.dat that reads back the same", () => {
    if (toc === undefined) throw new Error("the fixture has no table of contents");
    const named = toc.entries.map((entry) => ({ ...entry, fileName: Buffer.from("f") }));
    const bytes = writeDirectoryToc({ ...toc, entries: named });
    expect(new TocParser().push(bytes)).toEqual({
      header: { ...toc.header, format: "tar" },
      entries: named,
    });
  });
});

describe("archive versions 1.12 to 1.16", () => {
  const bytes = fc.option(
    fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
    { nil: null },
  );
  const entry = (minor: number) =>
    fc.record({
      dumpId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      hadDumper: fc.boolean(),
      catalogTableOid: bytes,
      catalogOid: bytes,
      tag: bytes,
      description: bytes,
      section: fc.constantFrom("none", "pre-data", "data", "post-data"),
      definition: bytes,
      dropStatement: bytes,
      copyStatement: bytes,
      namespace: bytes,
      tablespace: bytes,
      tableAccessMethod: minor >= 14 ? bytes : fc.constant(null),
      relationKind: minor >= 16 ? fc.integer({ min: 0, max: 127 }) : fc.constant(0),
      owner: bytes,
      withOids: bytes,
      dependencies: fc.array(fc.uint8Array({ maxLength: 9 }).map((array) => Buffer.from(array))),
      fileName: fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array)),
    });
  const toc = fc.integer({ min: 12, max: 16 }).chain((minor) =>
    fc.record({
      header: fc.record<ArchiveHeader>({
        version: fc.constant({ major: 1, minor, revision: 0 }),
        intSize: fc.constantFrom(4, 8),
        offSize: fc.constant(8),
        format: fc.constant("tar"),
        compression: fc.constantFrom<ArchiveHeader["compression"]>(
          ...(minor >= 15
            ? (["none", "gzip", "lz4", "zstd"] as const)
            : (["none", "gzip"] as const)),
        ),
        createdAt: fc.array(fc.integer({ min: -1, max: 200 }), { minLength: 7, maxLength: 7 }),
        database: bytes,
        serverVersion: bytes,
        dumpVersion: bytes,
      }),
      entries: fc.array(entry(minor), { maxLength: 8 }),
    }),
  );

  it("read back as they were written, byte for byte in every string", () => {
    fc.assert(
      fc.property(toc, (written) => {
        expect(new TocParser().push(writeDirectoryToc(written))).toEqual(written);
      }),
    );
  });

  it("never come out of a part of one", () => {
    fc.assert(
      fc.property(toc, fc.double({ min: 0, max: 0.999, noNaN: true }), (written, share) => {
        const whole = writeDirectoryToc(written);
        const part = whole.subarray(0, Math.floor(whole.length * share));
        expect(new TocParser().push(part)).toBeUndefined();
      }),
    );
  });

  it.each([
    ["something else", Buffer.from("PGCOPY\n\xff", "latin1")],
    ["a version from the future", Buffer.from("PGDMP\x01\x11\x00\x04\x08\x01", "latin1")],
    ["a version from the past", Buffer.from("PGDMP\x01\x0b\x00\x04\x08\x01", "latin1")],
    ["an unknown format", Buffer.from("PGDMP\x01\x0e\x00\x04\x08\x09", "latin1")],
  ])("refuse %s", (_name, start) => {
    expect(() => new TocParser().push(start)).toThrow(ArchiveFormatError);
  });
});
