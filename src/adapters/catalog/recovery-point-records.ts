import type { RecoveryPoint } from "../../domain/recovery-point.ts";
import { afterPrefix } from "../../domain/table-key.ts";
import type { RecoveryPointRecords } from "../../ports/catalog.ts";
import type { RowChange, TableStore } from "../../ports/table-store.ts";
import { folded, instancePartition, newestFirst } from "./keys.ts";
import { encodeRecord, parseRecord, parseVersioned } from "./record-codec.ts";

const maxRounds = 20;

/**
 * One partition for each instance: `t|<newest first>|<id>` holds the record, `i|<id>` names that
 * row. Both change in one transaction.
 */
export function createRecoveryPointRecords(tables: TableStore): RecoveryPointRecords {
  const rowOf = async (partition: string, id: string): Promise<string | undefined> => {
    const pointer = await tables.get("recoverypoints", partition, pointerRow(id));
    return pointer === undefined ? undefined : parseRecord<{ row: string }>(pointer).row;
  };

  return {
    async get(instance, id) {
      const partition = instancePartition(instance);
      const row = await rowOf(partition, id);
      const found =
        row === undefined ? undefined : await tables.get("recoverypoints", partition, row);
      return found === undefined ? undefined : parseVersioned<RecoveryPoint>(found);
    },

    async upsert(instance, point) {
      const partition = instancePartition(instance);
      const row = recordRow(point);
      for (let round = 1; round <= maxRounds; round++) {
        const old = await rowOf(partition, point.id);
        const changes: RowChange[] = [
          { kind: "upsert", row, value: encodeRecord(point) },
          { kind: "upsert", row: pointerRow(point.id), value: { row } },
        ];
        if (old !== undefined && old !== row) changes.push({ kind: "delete", row: old });
        if ((await tables.transact("recoverypoints", partition, changes)) !== undefined) return;
      }
      throw new Error(`Recovery point '${point.id}' was changed ${maxRounds} times meanwhile`);
    },

    async replace(instance, point, etag) {
      const row = { partition: instancePartition(instance), row: recordRow(point) };
      const value = encodeRecord(point);
      return (await tables.replace("recoverypoints", { ...row, value }, etag)) !== undefined;
    },

    async delete(instance, id) {
      const partition = instancePartition(instance);
      for (let round = 1; round <= maxRounds; round++) {
        const row = await rowOf(partition, id);
        if (row === undefined) return false;
        const changes: RowChange[] = [
          { kind: "delete", row },
          { kind: "delete", row: pointerRow(id) },
        ];
        if ((await tables.transact("recoverypoints", partition, changes)) !== undefined)
          return true;
      }
      throw new Error(`Recovery point '${id}' was changed ${maxRounds} times meanwhile`);
    },

    async list(instance, page) {
      const found = await tables.query("recoverypoints", {
        partition: instancePartition(instance),
        ...rangeOf(page),
        limit: page.limit,
        ...(page.continuation === undefined ? {} : { continuation: page.continuation }),
      });
      return {
        items: found.rows.map((row) => parseRecord<RecoveryPoint>(row)),
        ...(found.continuation === undefined ? {} : { continuation: found.continuation }),
      };
    },
  };
}

const recordRow = (point: RecoveryPoint): string =>
  folded("t", newestFirst(point.takenAt), point.id);

const pointerRow = (id: string): string => folded("i", id);

/** The newest instant asked for comes first, so `to` is where the range begins. */
const rangeOf = ({ from, to }: { from?: string; to?: string }): { from: string; to: string } => ({
  from: to === undefined ? "t|" : folded("t", newestFirst(to)),
  to: afterPrefix(from === undefined ? "t" : folded("t", newestFirst(from))),
});
