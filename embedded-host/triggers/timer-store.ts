import { DatabaseSync } from "node:sqlite";

/** What is known of a monitored timer between runs. Instants in milliseconds since 1970. */
export interface ScheduleStatus {
  /** null: it never ran. */
  readonly lastAt: number | null;
  readonly nextAt: number;
  readonly updatedAt: number;
}

/** Keeps schedule statuses over restarts; a status that was written survives kill -9. */
export interface TimerStore {
  read(timerName: string): ScheduleStatus | undefined;
  write(timerName: string, status: ScheduleStatus): void;
  close(): void;
}

/** One small SQLite file. Function names are compared case-insensitively. */
export function openTimerStore(path: string): TimerStore {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  database.exec(
    `CREATE TABLE IF NOT EXISTS timers (
       name TEXT PRIMARY KEY COLLATE NOCASE,
       last_at INTEGER,
       next_at INTEGER NOT NULL,
       updated_at INTEGER NOT NULL)`,
  );
  const select = database.prepare("SELECT last_at, next_at, updated_at FROM timers WHERE name = ?");
  const upsert = database.prepare("INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?)");
  return {
    read(timerName) {
      const row = select.get(timerName);
      if (row === undefined) return undefined;
      return {
        lastAt: row["last_at"] === null ? null : Number(row["last_at"]),
        nextAt: Number(row["next_at"]),
        updatedAt: Number(row["updated_at"]),
      };
    },
    write(timerName, { lastAt, nextAt, updatedAt }) {
      upsert.run(timerName, lastAt, nextAt, updatedAt);
    },
    close: () => database.close(),
  };
}
