import type pg from "pg";
import type { Notice } from "../../../domain/notice.ts";
import { qualifiedName, readableName } from "../sql-text.ts";
import type { ServerReading } from "./database-facts.ts";

/** Objects of one kind that are named. */
const namedLimit = 20;
/** A transaction older than this holds back vacuum and may hold locks that a dump waits for. */
const longTransactionMinutes = 60;
/** Share of the lock table that one dump may take before it is worth a word. */
const lockTableShare = 0.5;

/** Foreign tables, unlogged tables, exclusive locks and old transactions in one query. */
const query = `
SELECT * FROM (
  SELECT CASE c.relkind WHEN 'f' THEN 'foreign' ELSE 'unlogged' END AS kind,
         n.nspname::text AS schema, c.relname::text AS name, NULL::int AS pid, NULL::int AS minutes
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE (c.relkind = 'f' OR (c.relkind = 'r' AND c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery()))
     AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   ORDER BY 1, 2, 3 LIMIT ${namedLimit}
) relations
UNION ALL
SELECT * FROM (
  SELECT 'lock', n.nspname::text, c.relname::text, l.pid, NULL::int
    FROM pg_catalog.pg_locks l
    JOIN pg_catalog.pg_class c ON c.oid = l.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
     AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
   ORDER BY 2, 3 LIMIT ${namedLimit}
) locks
UNION ALL
SELECT * FROM (
  SELECT 'transaction', NULL, a.usename::text, a.pid,
         (EXTRACT(EPOCH FROM pg_catalog.now() - a.xact_start) / 60)::int
    FROM pg_catalog.pg_stat_activity a
   WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
     AND a.xact_start < pg_catalog.now() - interval '${longTransactionMinutes} minutes'
   ORDER BY a.xact_start LIMIT ${namedLimit}
) transactions`;

/** Columns that everyone may read; pg_subscription exists from 10 on. */
const subscriptionQuery = `
SELECT s.subname::text AS name FROM pg_catalog.pg_subscription s
 WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
 ORDER BY 1 LIMIT ${namedLimit}`;

export async function findNotices(
  client: pg.Client,
  reading: ServerReading,
): Promise<readonly Notice[]> {
  const { rows } = await client.query<NoticeRow>(query);
  const { facts } = reading;
  const subscriptions =
    facts.serverMajor >= 10 && !facts.isSuperuser
      ? (await client.query<{ readonly name: string }>(subscriptionQuery)).rows
      : [];
  return [
    ...(facts.isStandby ? [standbyNotice()] : []),
    ...rows.map(present),
    ...subscriptions.map(({ name }) => subscriptionNotice(name)),
    ...lockTableNotice(reading),
  ];
}

interface NoticeRow {
  readonly kind: "foreign" | "unlogged" | "lock" | "transaction";
  readonly schema: string | null;
  readonly name: string | null;
  /** Null for a prepared transaction. */
  readonly pid: number | null;
  readonly minutes: number | null;
}

function present(row: NoticeRow): Notice {
  const schema = row.schema ?? "";
  const name = row.name ?? "";
  const table = readableName(schema, name);
  switch (row.kind) {
    case "foreign":
      return {
        kind: "ForeignTableDataNotIncluded",
        resourceName: `foreign table ${table}`,
        warning: `Rows of foreign table ${table} lie on another server and are not backed up, only its definition is.`,
        recommendedAction: ["Back up the server that holds the rows."],
      };
    case "unlogged":
      return {
        kind: "UnloggedTableNotIncluded",
        resourceName: `table ${table}`,
        warning: `Unlogged table ${table} has no rows on a standby; only its definition is backed up.`,
        recommendedAction: [`ALTER TABLE ${qualifiedName(schema, name)} SET LOGGED;`],
      };
    case "lock":
      return {
        kind: "LockConflict",
        resourceName: `table ${table}`,
        warning: `${row.pid === null ? "A prepared transaction" : `Session ${row.pid}`} holds or awaits an exclusive lock on table ${table}; a backup waits for its end.`,
        recommendedAction: [
          row.pid === null
            ? "COMMIT PREPARED or ROLLBACK PREPARED the transaction listed in pg_prepared_xacts."
            : `SELECT pg_terminate_backend(${row.pid});`,
        ],
      };
    case "transaction":
      return {
        kind: "LongTransaction",
        resourceName: `session ${row.pid}`,
        warning: `Session ${row.pid} of role ${name} has been in one transaction for ${row.minutes} minutes; locks that it takes may delay a backup.`,
        recommendedAction: [`SELECT pg_terminate_backend(${row.pid});`],
      };
  }
}

const standbyNotice = (): Notice => ({
  kind: "Standby",
  resourceName: "server",
  warning:
    "The server is a standby: it may cancel a long backup to replay changes, and unlogged tables are empty on it.",
  recommendedAction: [
    "ALTER SYSTEM SET max_standby_streaming_delay = '-1'; -- on the standby, or hot_standby_feedback = on",
  ],
});

const subscriptionNotice = (name: string): Notice => ({
  kind: "SubscriptionNotIncluded",
  resourceName: `subscription ${readableName(name)}`,
  warning: `Subscription ${readableName(name)} is not backed up: only a superuser may read subscriptions.`,
  recommendedAction: [
    "Keep its CREATE SUBSCRIPTION statement elsewhere and run it after a restore.",
  ],
});

/** pg_dump holds one lock for each table until it ends. */
function lockTableNotice(reading: ServerReading): readonly Notice[] {
  const { relations } = reading.facts;
  if (relations <= reading.lockCapacity * lockTableShare) return [];
  const perLock = reading.lockCapacity / reading.maxLocksPerTransaction;
  const needed = Math.ceil(relations / lockTableShare / perLock);
  return [
    {
      kind: "LockTableTooSmall",
      resourceName: "setting max_locks_per_transaction",
      warning: `A backup locks up to ${relations} relations at once; the lock table holds about ${reading.lockCapacity} for all sessions, so it may fail with "out of shared memory".`,
      recommendedAction: [
        `ALTER SYSTEM SET max_locks_per_transaction = ${needed}; -- then restart the server`,
      ],
    },
  ];
}
