import type { SQLOutputValue } from "node:sqlite";
import type { ParentInstance } from "./history.ts";
import type {
  ActivityRecord,
  EntityRecord,
  InboxMessage,
  InstanceRecord,
  RuntimeStatus,
} from "./store.ts";

export type Row = Record<string, SQLOutputValue>;

/** Rows are written by this store only, so their column types are known. */
export function parseInstance(row: Row): InstanceRecord {
  const parent = textOrNull(row["parent"]);
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    version: String(row["version"]),
    executionId: String(row["execution_id"]),
    parent: parent === null ? null : (JSON.parse(parent) as ParentInstance),
    status: row["status"] as RuntimeStatus,
    input: textOrNull(row["input"]),
    output: textOrNull(row["output"]),
    customStatus: textOrNull(row["custom_status"]),
    createdAt: Number(row["created_at"]),
    updatedAt: Number(row["updated_at"]),
  };
}

export function parseInboxMessage(row: Row): InboxMessage {
  return {
    id: Number(row["id"]),
    executionId: textOrNull(row["execution_id"]),
    text: String(row["message"]),
  };
}

export function parseActivity(row: Row): ActivityRecord {
  return {
    id: Number(row["id"]),
    instanceId: String(row["instance"]),
    executionId: String(row["execution_id"]),
    taskId: Number(row["task_id"]),
    name: String(row["name"]),
    input: textOrNull(row["input"]),
  };
}

export function parseEntity(row: Row): EntityRecord {
  return {
    id: String(row["id"]),
    state: textOrNull(row["state"]),
    updatedAt: Number(row["updated_at"]),
  };
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
