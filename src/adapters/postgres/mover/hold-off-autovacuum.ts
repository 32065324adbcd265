import { shapeOfError, sqlStateOf } from "../error-shape.ts";
import type { LargeObjectsTask, LoadTask } from "./load-plan.ts";
import type { WireSession } from "./wire-port.ts";

/** Raw. Smaller tables are vacuumed in no time. */
const largeTableBytes = 1024 * 1024;
/** A server has room for some thousand locks of all its sessions (`max_locks_per_transaction`). */
const lockLimit = 500;

/**
 * Keeps autovacuum away from the largest tables as long as the session lives: it skips a table that
 * it cannot lock at once, and COPY does not mind this lock. It would scan them half-loaded, for a
 * seventh of PostgreSQL's CPU time on two cores, and an index build that meets it waits for
 * `deadlock_timeout` before the server ends it. A role that may not lock a table loads without, and
 * a session that is lost meanwhile loses nothing else.
 */
export async function holdOffAutovacuum(
  session: WireSession,
  tasks: readonly (LoadTask | LargeObjectsTask)[],
): Promise<void> {
  const relations = largeTables(tasks);
  if (relations.length === 0) return;
  await session.execute("BEGIN");
  await session.execute(lockStatement(relations)).catch(passRefusal);
}

/** Largest first, as the load plan has them. */
function largeTables(tasks: readonly (LoadTask | LargeObjectsTask)[]): readonly Buffer[] {
  const tables = new Map<LoadTask["file"], { readonly relation: Buffer; bytes: number }>();
  for (const task of tasks) {
    if (task.kind !== "table") continue;
    const table = tables.get(task.file) ?? { relation: task.relation, bytes: 0 };
    table.bytes += task.bytes;
    tables.set(task.file, table);
  }
  return [...tables.values()]
    .filter(({ bytes }) => bytes >= largeTableBytes)
    .slice(0, lockLimit)
    .map(({ relation }) => relation);
}

/** Not waiting: who holds a lock on a table that was made a moment ago will not be long. */
const lockStatement = (relations: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from("LOCK TABLE "),
    ...relations.flatMap((relation, index) => [
      Buffer.from(index === 0 ? "ONLY " : ", ONLY "),
      relation,
    ]),
    Buffer.from(" IN SHARE UPDATE EXCLUSIVE MODE NOWAIT"),
  ]);

function passRefusal(error: unknown): void {
  if (sqlStateOf(shapeOfError(error)) === undefined) throw error;
}
