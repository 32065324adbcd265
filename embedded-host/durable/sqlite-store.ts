import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { EventMessage } from "./history.ts";
import { parseActivity, parseEntity, parseInboxMessage, parseInstance } from "./sqlite-rows.ts";
import { prepareDatabase } from "./sqlite-schema.ts";
import type {
  ActivityRecord,
  DurableStore,
  EntityFilter,
  EntityRecord,
  InboxMessage,
  InstanceFilter,
  InstanceRecord,
} from "./store.ts";

/** Opens or creates the state file. `:memory:` gives a store that dies with the process. */
export function openSqliteStore(
  file: string,
  synchronous: "NORMAL" | "FULL" = "NORMAL",
): DurableStore {
  const db = new DatabaseSync(file);
  prepareDatabase(db, synchronous);
  return new SqliteStore(db);
}

class SqliteStore implements DurableStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  transaction<T>(work: () => T): T {
    this.#sql("BEGIN IMMEDIATE").run();
    try {
      const result = work();
      this.#sql("COMMIT").run();
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#sql("ROLLBACK").run();
      throw error;
    }
  }

  getInstance(id: string): InstanceRecord | undefined {
    const row = this.#sql("SELECT * FROM instances WHERE id=?").get(id);
    return row === undefined ? undefined : parseInstance(row);
  }

  putInstance(record: InstanceRecord): void {
    this.#sql("INSERT OR REPLACE INTO instances VALUES(?,?,?,?,?,?,?,?,?,?,?)").run(
      record.id,
      record.name,
      record.version,
      record.executionId,
      record.parent === null ? null : JSON.stringify(record.parent),
      record.status,
      record.input,
      record.output,
      record.customStatus,
      record.createdAt,
      record.updatedAt,
    );
  }

  listInstances(filter: InstanceFilter): readonly InstanceRecord[] {
    const statuses = filter.statuses ?? [];
    const statusClause =
      statuses.length === 0 ? "" : `AND status IN (${statuses.map(() => "?").join(",")})`;
    const prefix = filter.idPrefix ?? "";
    const rows = this.#sql(
      `SELECT * FROM instances WHERE id>? AND created_at>=? AND created_at<=?
       AND substr(id,1,length(?))=? ${statusClause} ORDER BY id LIMIT ?`,
    ).all(
      filter.afterId ?? "",
      filter.createdFrom ?? 0,
      filter.createdTo ?? Number.MAX_SAFE_INTEGER,
      prefix,
      prefix,
      ...statuses,
      filter.limit,
    );
    return rows.map(parseInstance);
  }

  deleteInstance(id: string): void {
    this.#sql("DELETE FROM instances WHERE id=?").run(id);
    this.clearHistory(id);
    this.deleteMessagesOf(id);
    this.deleteActivitiesOf(id);
  }

  readHistory(instanceId: string): readonly string[] {
    return this.#sql("SELECT event FROM history WHERE instance=? ORDER BY seq")
      .all(instanceId)
      .map((row) => String(row["event"]));
  }

  appendHistory(instanceId: string, position: number, events: readonly string[]): void {
    const insert = this.#sql("INSERT INTO history VALUES(?,?,?)");
    for (const [index, event] of events.entries()) insert.run(instanceId, position + index, event);
  }

  clearHistory(instanceId: string): void {
    this.#sql("DELETE FROM history WHERE instance=?").run(instanceId);
  }

  addMessage(
    recipient: string,
    executionId: string | null,
    visibleAt: number,
    message: EventMessage | Readonly<Record<string, unknown>>,
  ): void {
    this.#sql("INSERT INTO inbox(recipient,execution_id,visible_at,message) VALUES(?,?,?,?)").run(
      recipient,
      executionId,
      visibleAt,
      JSON.stringify(message),
    );
  }

  dueMessages(recipient: string, nowMs: number): readonly InboxMessage[] {
    return this.#sql(
      "SELECT id,execution_id,message FROM inbox WHERE recipient=? AND visible_at<=? ORDER BY visible_at,id",
    )
      .all(recipient, nowMs)
      .map(parseInboxMessage);
  }

  deleteMessages(ids: readonly number[]): void {
    const remove = this.#sql("DELETE FROM inbox WHERE id=?");
    for (const id of ids) remove.run(id);
  }

  deleteMessagesOf(recipient: string, executionId?: string): void {
    if (executionId === undefined) this.#sql("DELETE FROM inbox WHERE recipient=?").run(recipient);
    else {
      this.#sql("DELETE FROM inbox WHERE recipient=? AND execution_id=?").run(
        recipient,
        executionId,
      );
    }
  }

  dueRecipients(nowMs: number): readonly string[] {
    return this.#sql("SELECT DISTINCT recipient FROM inbox WHERE visible_at<=?")
      .all(nowMs)
      .map((row) => String(row["recipient"]));
  }

  nextVisibleAt(nowMs: number): number | undefined {
    const row = this.#sql("SELECT MIN(visible_at) AS next FROM inbox WHERE visible_at>?").get(
      nowMs,
    );
    const next = row?.["next"];
    return typeof next === "number" ? next : undefined;
  }

  addActivity(activity: Omit<ActivityRecord, "id">): number {
    const { instanceId, executionId, taskId, name, input } = activity;
    const { lastInsertRowid } = this.#sql(
      "INSERT INTO activities(instance,execution_id,task_id,name,input) VALUES(?,?,?,?,?)",
    ).run(instanceId, executionId, taskId, name, input);
    return Number(lastInsertRowid);
  }

  getActivity(id: number): ActivityRecord | undefined {
    const row = this.#sql("SELECT * FROM activities WHERE id=?").get(id);
    return row === undefined ? undefined : parseActivity(row);
  }

  activityIds(): readonly number[] {
    return this.#sql("SELECT id FROM activities ORDER BY id")
      .all()
      .map((row) => Number(row["id"]));
  }

  deleteActivity(id: number): void {
    this.#sql("DELETE FROM activities WHERE id=?").run(id);
  }

  deleteActivitiesOf(instanceId: string): void {
    this.#sql("DELETE FROM activities WHERE instance=?").run(instanceId);
  }

  getEntity(id: string): EntityRecord | undefined {
    const row = this.#sql("SELECT * FROM entities WHERE id=?").get(id);
    return row === undefined ? undefined : parseEntity(row);
  }

  putEntity(record: EntityRecord): void {
    this.#sql("INSERT OR REPLACE INTO entities VALUES(?,?,?)").run(
      record.id,
      record.state,
      record.updatedAt,
    );
  }

  deleteEntity(id: string): void {
    this.#sql("DELETE FROM entities WHERE id=?").run(id);
  }

  listEntities(filter: EntityFilter): readonly EntityRecord[] {
    const prefix = filter.name === undefined ? "@" : `@${filter.name.toLowerCase()}@`;
    return this.#sql(
      `SELECT * FROM entities WHERE id>? AND substr(id,1,length(?))=? AND updated_at>=? AND updated_at<=?
       ORDER BY id LIMIT ?`,
    )
      .all(
        filter.afterId ?? "",
        prefix,
        prefix,
        filter.updatedFrom ?? 0,
        filter.updatedTo ?? Number.MAX_SAFE_INTEGER,
        filter.limit,
      )
      .map(parseEntity);
  }

  close(): void {
    this.#db.close();
  }

  /** Statements are prepared once; the number of distinct texts is small and fixed. */
  #sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
