const mib = 1024 * 1024;

const smallestSegmentBytes = 8 * mib;
/** A segment is held in memory, once per connection, to be checked before it is used. */
const largestSegmentBytes = 32 * mib;
/** Keeps the manifest of a large database to some megabytes. */
const segmentsWanted = 20_000;

const smallestBlockBytes = 4 * mib;
const largestBlockBytes = 16 * mib;
/** Well below Azure's 50,000 blocks of one blob. */
const blocksWanted = 10_000;

/** Raw bytes after which a segment ends. */
export const segmentBytesFor = (databaseBytes: number): number =>
  clamp(databaseBytes / segmentsWanted, smallestSegmentBytes, largestSegmentBytes);

/** Bytes of one block; larger for larger databases, as each connection fills packs of its own. */
export const blockBytesFor = (databaseBytes: number, connections: number): number =>
  clamp(databaseBytes / connections / blocksWanted, smallestBlockBytes, largestBlockBytes);

const clamp = (value: number, least: number, most: number): number =>
  Math.ceil(Math.min(Math.max(value, least), most) / mib) * mib;
