import { FaultError, fault } from "../../domain/fault.ts";
import { type Operation, operationLifetimeDays } from "../../domain/operation.ts";
import { tableKey } from "../../domain/table-key.ts";
import type { OperationRecords } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TableStore } from "../../ports/table-store.ts";
import { epochMs } from "./keys.ts";
import { encodeRecord, parseRecord } from "./record-codec.ts";

const row = "operation";
const maxRounds = 20;
const lifetimeMs = operationLifetimeDays * 24 * 3_600_000;

/** Each operation has a partition of its own; ids are base64, so case counts in them. */
export function createOperationRecords(ports: {
  readonly tables: TableStore;
  readonly clock: Clock;
}): OperationRecords {
  const { tables, clock } = ports;
  return {
    async create(operation) {
      const partition = tableKey(operation.id);
      await tables.insert("operations", { partition, row, value: encodeRecord(operation) });
    },

    async get(operationId) {
      const found = await tables.get("operations", tableKey(operationId), row);
      if (found === undefined) return undefined;
      const operation = parseRecord<Operation>(found);
      return isForgotten(operation, clock.now()) ? undefined : operation;
    },

    async end(operationId, ending) {
      const partition = tableKey(operationId);
      for (let round = 1; round <= maxRounds; round++) {
        const found = await tables.get("operations", partition, row);
        if (found === undefined) return;
        const operation = parseRecord<Operation>(found);
        if (operation.status !== "Inprogress") return;
        const value = encodeRecord({ ...operation, ...ending });
        const etag = await tables.replace("operations", { partition, row, value }, found.etag);
        if (etag !== undefined) return;
      }
      throw new FaultError(fault("Conflict", { resource: `operation ${operationId}` }));
    },
  };
}

const isForgotten = ({ endedAt }: Operation, nowMs: number): boolean =>
  endedAt !== undefined && nowMs - epochMs(endedAt) > lifetimeMs;
