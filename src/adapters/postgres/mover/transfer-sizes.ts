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

/** Blocks of all packs together. */
const blocksInFlightOfAll = 4;

/** Raw bytes after which a segment ends. */
export const segmentBytesFor = (databaseBytes: number): number =>
  clamp(databaseBytes / segmentsWanted, smallestSegmentBytes, largestSegmentBytes);

/** Bytes of one block; larger for larger databases, as each connection fills packs of its own. */
export const blockBytesFor = (databaseBytes: number, connections: number): number =>
  clamp(databaseBytes / connections / blocksWanted, smallestBlockBytes, largestBlockBytes);

/**
 * Blocks of one pack on their way. Enough of them all together for a fast link, and no more: what
 * is on its way when the last row has been read is time in which nothing else can be done.
 */
export const blocksInFlightFor = (connections: number): number =>
  Math.max(1, Math.ceil(blocksInFlightOfAll / connections));

const clamp = (value: number, least: number, most: number): number =>
  Math.ceil(Math.min(Math.max(value, least), most) / mib) * mib;
