import type { BlobStore } from "../../ports/blob-store.ts";
import type { Page, PageRequest, Versioned } from "../../ports/catalog.ts";
import type { Row, RowChange, TableStore } from "../../ports/table-store.ts";
import { encodeBlob, encodeRecord, parseRecord, parseVersioned } from "./record-codec.ts";

export interface DefinitionStores {
  readonly tables: TableStore;
  readonly blobs: BlobStore;
}

/** Where one definition lies: its row, and the blob that mirrors it. */
export interface DefinitionPlace {
  readonly partition: string;
  readonly row: string;
  readonly path: string;
}

export interface DefinitionKind<Ref, T> {
  readonly name: "vault" | "policy" | "instance" | "guard";
  placeOf(ref: Ref): DefinitionPlace;
  refOf(value: T): Ref;
  /** Index rows of the same partition, changed together with the definition, all or none. */
  companions?(before: T | undefined, after: T | undefined): readonly RowChange[];
}

export interface Definitions<Ref, T> {
  get(ref: Ref): Promise<Versioned<T> | undefined>;
  create(value: T): Promise<Versioned<T> | undefined>;
  replace(value: T, etag: string): Promise<Versioned<T> | undefined>;
  delete(ref: Ref): Promise<boolean>;
}

/** Changers of one definition that may get in each other's way before we call it a defect. */
const maxRounds = 20;

/**
 * Definitions: the row is the truth, the blob its mirror for a rebuild. What a crash leaves behind:
 * - create puts the mirror first, so that no row is ever without one. Died in between: a mirror
 *   that no row has; the next create or delete of that name settles it.
 * - replace and delete change the row first. Died in between: the mirror is one change behind (or
 *   outlives its row) until the next change; a rebuild then brings back the state before it.
 * Concurrent changers cannot leave a stale mirror: whoever wrote it last looks at the row again
 * afterwards, and writes again if the row has moved on.
 */
export function createDefinitions<Ref, T extends object>(
  { tables, blobs }: DefinitionStores,
  kind: DefinitionKind<Ref, T>,
): Definitions<Ref, T> {
  const read = (place: DefinitionPlace) => tables.get("resources", place.partition, place.row);

  const settleMirror = async (place: DefinitionPlace, written: Row | undefined): Promise<void> => {
    let row = written;
    for (let round = 1; round <= maxRounds; round++) {
      if (row === undefined) await blobs.delete(place.path);
      else await putMirror(place, parseRecord<T>(row));
      const now = await read(place);
      if (now?.etag === row?.etag) return;
      row = now;
    }
  };

  const putMirror = (place: DefinitionPlace, value: T) =>
    blobs.put(place.path, encodeBlob(kind.name, value), { contentType: "application/json" });

  /** The etag of the definition itself, or undefined when a condition did not hold. */
  const write = async (
    place: DefinitionPlace,
    change: RowChange & { kind: "insert" | "replace" },
    companions: readonly RowChange[],
  ): Promise<Versioned<T> | undefined> => {
    const etags = await tables.transact("resources", place.partition, [change, ...companions]);
    const etag = etags?.[0];
    if (etag === undefined) return undefined;
    const row = { partition: place.partition, row: place.row, value: change.value, etag };
    await settleMirror(place, row);
    return parseVersioned<T>(row);
  };

  return {
    async get(ref) {
      const row = await read(kind.placeOf(ref));
      return row === undefined ? undefined : parseVersioned<T>(row);
    },

    async create(value) {
      const place = kind.placeOf(kind.refOf(value));
      if ((await read(place)) !== undefined) return undefined;
      await putMirror(place, value);
      const insert = { kind: "insert", row: place.row, value: encodeRecord(value) } as const;
      const created = await write(place, insert, kind.companions?.(undefined, value) ?? []);
      if (created === undefined) await settleMirror(place, await read(place));
      return created;
    },

    async replace(value, etag) {
      const place = kind.placeOf(kind.refOf(value));
      const replace = {
        kind: "replace",
        row: place.row,
        value: encodeRecord(value),
        etag,
      } as const;
      if (kind.companions === undefined) return await write(place, replace, []);
      const before = await read(place);
      if (before?.etag !== etag) return undefined;
      return await write(place, replace, kind.companions(parseRecord<T>(before), value));
    },

    async delete(ref) {
      const place = kind.placeOf(ref);
      for (let round = 1; round <= maxRounds; round++) {
        const before = await read(place);
        const gone = before === undefined || (await removeRow(tables, place, before, kind));
        if (gone) {
          await settleMirror(place, undefined);
          return before !== undefined;
        }
      }
      throw new Error(`'${place.path}' was changed ${maxRounds} times while it was deleted`);
    },
  };
}

/** False when the row or its companions have changed since they were read. */
async function removeRow<Ref, T>(
  tables: TableStore,
  place: DefinitionPlace,
  before: Row,
  kind: DefinitionKind<Ref, T>,
): Promise<boolean> {
  const companions = kind.companions?.(parseRecord<T>(before), undefined) ?? [];
  const changes = [{ kind: "delete", row: place.row } as const, ...companions];
  return (await tables.transact("resources", place.partition, changes)) !== undefined;
}

/** A page of the records in a range of one partition. */
export async function listRange<T>(
  tables: TableStore,
  range: { partition: string; from?: string; to?: string },
  page: PageRequest,
): Promise<Page<T>> {
  const found = await tables.query("resources", {
    ...range,
    limit: page.limit,
    ...(page.continuation === undefined ? {} : { continuation: page.continuation }),
  });
  return {
    items: found.rows.map((row) => parseRecord<T>(row)),
    ...(found.continuation === undefined ? {} : { continuation: found.continuation }),
  };
}
