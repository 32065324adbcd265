import type { DatabaseSync } from "node:sqlite";

/** Written to `user_version`; a file from a newer host is refused instead of misread. */
const SCHEMA_VERSION = 1;

const TABLES = `
CREATE TABLE instances(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, execution_id TEXT NOT NULL,
  parent TEXT, status TEXT NOT NULL, input TEXT, output TEXT, custom_status TEXT,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE history(
  instance TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL,
  PRIMARY KEY(instance, seq)
) WITHOUT ROWID;
CREATE TABLE inbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, execution_id TEXT,
  visible_at INTEGER NOT NULL, message TEXT NOT NULL
);
CREATE INDEX inbox_recipient ON inbox(recipient, visible_at, id);
CREATE INDEX inbox_visible ON inbox(visible_at, recipient);
CREATE TABLE activities(
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT
);
CREATE INDEX activities_instance ON activities(instance);
CREATE TABLE entities(id TEXT PRIMARY KEY, state TEXT, updated_at INTEGER NOT NULL) WITHOUT ROWID;
`;

/**
 * WAL with synchronous NORMAL survives any kill of the process; only a crash of the operating
 * system can lose the last commits. FULL closes that gap at about half the throughput.
 */
export function prepareDatabase(db: DatabaseSync, synchronous: "NORMAL" | "FULL"): void {
  db.exec("PRAGMA journal_mode=WAL");
  db.exec(`PRAGMA synchronous=${synchronous}`);
  db.exec("PRAGMA busy_timeout=5000");
  const found = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (found > SCHEMA_VERSION) {
    throw new Error(
      `The durable state has schema ${found}, this host knows ${SCHEMA_VERSION}. Use a newer host, or another state folder.`,
    );
  }
  if (found === SCHEMA_VERSION) return;
  db.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version=${SCHEMA_VERSION}; COMMIT`);
}
