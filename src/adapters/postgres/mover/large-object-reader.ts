import type { WireSession } from "./wire-port.ts";

/** A piece of a large object; pieces of one object follow each other. */
export interface LargeObjectPiece {
  readonly oid: string;
  readonly bytes: Buffer;
  readonly endsObject: boolean;
}

/** Objects asked for at once, and bytes of each that the first answer may hold. */
const objectsPerBatch = 64;
const firstPieceBytes = 128 * 1024;
/** Later pieces; one value may not exceed 1 GB, an object may have 4 TB. */
const laterPieceBytes = 2 * 1024 * 1024;

/** All large objects of the session's snapshot in order of their oid. */
export async function* readLargeObjects(session: WireSession): AsyncGenerator<LargeObjectPiece> {
  for (let after = "0"; ; ) {
    const batch = await readBatch(session, after);
    for (const { oid, bytes } of batch) {
      yield { oid, bytes, endsObject: bytes.length < firstPieceBytes };
      if (bytes.length === firstPieceBytes) yield* readRest(session, oid);
    }
    const last = batch.at(-1);
    if (last === undefined || batch.length < objectsPerBatch) return;
    after = last.oid;
  }
}

async function* readRest(session: WireSession, oid: string): AsyncGenerator<LargeObjectPiece> {
  for (let offset = firstPieceBytes; ; offset += laterPieceBytes) {
    const { rows } = await session.execute(
      `SELECT pg_catalog.lo_get(${oid}, ${offset}, ${laterPieceBytes})`,
    );
    const bytes = parseBytea(rows[0]?.[0]);
    const endsObject = bytes.length < laterPieceBytes;
    yield { oid, bytes, endsObject };
    if (endsObject) return;
  }
}

async function readBatch(session: WireSession, after: string) {
  const { rows } = await session.execute(
    `SELECT oid, pg_catalog.lo_get(oid, 0, ${firstPieceBytes})
     FROM pg_catalog.pg_largeobject_metadata
     WHERE oid > ${after} ORDER BY oid LIMIT ${objectsPerBatch}`,
  );
  return rows.map((row) => ({ oid: row[0]?.toString("latin1") ?? "", bytes: parseBytea(row[1]) }));
}

/** `\x…`, as bytea_output = hex writes it. */
const parseBytea = (text: Buffer | null | undefined): Buffer =>
  Buffer.from(text?.toString("latin1", 2) ?? "", "hex");
