import {
  type ArchiveCursor,
  ArchiveFormatError,
  type ArchiveString,
  type ArchiveWriter,
} from "./archive-cursor.ts";

/** The head of a custom, tar or directory archive, before its table of contents. */
export interface ArchiveHeader {
  /** Of the archive format, such as 1.14; not PostgreSQL's. */
  readonly version: ArchiveVersion;
  readonly intSize: number;
  readonly offSize: number;
  readonly format: ArchiveFormat;
  readonly compression: ArchiveCompression;
  /** Seconds, minutes, hours, day, month, year − 1900, daylight saving flag. */
  readonly createdAt: readonly number[];
  readonly database: ArchiveString;
  /** Such as `15.18 (Debian 15.18-0+deb12u1)`. */
  readonly serverVersion: ArchiveString;
  readonly dumpVersion: ArchiveString;
}

export interface ArchiveVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
}

export type ArchiveFormat = "custom" | "tar" | "null" | "directory";
export type ArchiveCompression = "none" | "gzip" | "lz4" | "zstd";

const magic = Buffer.from("PGDMP", "latin1");
const formats: Readonly<Record<number, ArchiveFormat>> = {
  1: "custom",
  3: "tar",
  4: "null",
  5: "directory",
};
const algorithms = ["none", "gzip", "lz4", "zstd"] as const;
const createdAtFields = 7;

/** Oldest and newest archive version known: pg_dump 9.0 to 18. */
const oldestMinor = 12;
const newestMinor = 16;

export const isAtLeast = (version: ArchiveVersion, minor: number): boolean =>
  version.major > 1 || (version.major === 1 && version.minor >= minor);

export function readHeader(cursor: ArchiveCursor): ArchiveHeader {
  if (!cursor.take(magic.length).equals(magic)) {
    throw new ArchiveFormatError("does not begin with PGDMP");
  }
  const version = { major: cursor.byte(), minor: cursor.byte(), revision: cursor.byte() };
  if (version.major !== 1 || version.minor < oldestMinor || version.minor > newestMinor) {
    throw new ArchiveFormatError(
      `archive version ${version.major}.${version.minor} is not between 1.${oldestMinor} and 1.${newestMinor}`,
    );
  }
  cursor.intSize = cursor.byte();
  cursor.offSize = cursor.byte();
  if (cursor.intSize < 1 || cursor.intSize > 8) {
    throw new ArchiveFormatError(`integers of ${cursor.intSize} bytes`);
  }
  const formatCode = cursor.byte();
  const format = formats[formatCode];
  if (format === undefined) throw new ArchiveFormatError(`archive format ${formatCode}`);
  return {
    version,
    intSize: cursor.intSize,
    offSize: cursor.offSize,
    format,
    compression: readCompression(cursor, version),
    createdAt: Array.from({ length: createdAtFields }, () => cursor.int()),
    database: cursor.string(),
    serverVersion: cursor.string(),
    dumpVersion: cursor.string(),
  };
}

/** Writes the header of a directory archive: its `toc.dat` carries the tar format's code. */
export function writeDirectoryHeader(writer: ArchiveWriter, header: ArchiveHeader): void {
  writer.bytes(magic);
  writer.byte(header.version.major);
  writer.byte(header.version.minor);
  writer.byte(header.version.revision);
  writer.byte(header.intSize);
  writer.byte(header.offSize);
  writer.byte(3);
  if (isAtLeast(header.version, 15)) writer.byte(algorithms.indexOf(header.compression));
  else writer.int(header.compression === "none" ? 0 : -1);
  for (const field of header.createdAt) writer.int(field);
  writer.string(header.database);
  writer.string(header.serverVersion);
  writer.string(header.dumpVersion);
}

function readCompression(cursor: ArchiveCursor, version: ArchiveVersion): ArchiveCompression {
  // Until 1.14 a zlib level: 0 stores plainly, −1 is zlib's own default.
  if (!isAtLeast(version, 15)) return cursor.int() === 0 ? "none" : "gzip";
  const code = cursor.byte();
  const algorithm = algorithms[code];
  if (algorithm === undefined) throw new ArchiveFormatError(`compression algorithm ${code}`);
  return algorithm;
}
