import { tableKey } from "../../domain/table-key.ts";
import type { DueEntry, DueIndex, DueKind } from "../../ports/catalog.ts";
import type { TableStore } from "../../ports/table-store.ts";
import { epochMs, oldestFirst } from "./keys.ts";
import { encodeRecord, parseRecord } from "./record-codec.ts";

/** One partition for each kind, rows `<instant>|<key>`: a tick reads what is due and nothing else. */
export function createDueIndex(tables: TableStore): DueIndex {
  return {
    async put(entry) {
      const value = encodeRecord({ ...entry, at: oldestFirst(entry.at) });
      await tables.upsert("due", { partition: partitionOf(entry.kind), row: rowOf(entry), value });
    },

    async upTo(kind, at, limit) {
      const afterMs = epochMs(at) + 1;
      const to = new Date(afterMs).toISOString();
      const { rows } = await tables.query("due", { partition: partitionOf(kind), to, limit });
      return rows.map((row) => parseRecord<DueEntry>(row));
    },

    remove: (entry) => tables.delete("due", partitionOf(entry.kind), rowOf(entry)),
  };
}

const partitionOf = (kind: DueKind): string => tableKey("due", kind);

const rowOf = (entry: Pick<DueEntry, "at" | "key">): string =>
  tableKey(oldestFirst(entry.at), entry.key);
