import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveFile } from "../../../domain/manifest.ts";
import type { RestoreRequest } from "../../../ports/data-mover.ts";
import { toFaultError } from "../translate-error.ts";
import type { WorkGroup } from "./concurrency.ts";
import { batchTasks } from "./load-batches.ts";
import { loadLargeObjects } from "./load-large-objects.ts";
import type { LargeObjectsTask, LoadTask } from "./load-plan.ts";
import { LoadQueue } from "./load-queue.ts";
import type { OpenSegment, SegmentReader } from "./segment-reader.ts";
import type { NamedSegment } from "./stored-segments.ts";
import type { TransferMeter } from "./transfer-meter.ts";
import type { WireSession } from "./wire-port.ts";

export interface LoadOptions {
  readonly request: RestoreRequest;
  readonly group: WorkGroup;
  readonly reader: SegmentReader;
  readonly meter: TransferMeter;
  readonly sessions: readonly WireSession[];
}

/** Fills the tables on all sessions; answers the rows that the server counted, by file name. */
export async function loadData(
  tasks: readonly (LoadTask | LargeObjectsTask)[],
  options: LoadOptions,
): Promise<ReadonlyMap<string, number>> {
  const { request, group, reader, meter } = options;
  const queue = new LoadQueue(batchTasks(tasks));
  const rows = new Map<string, number>();
  const loadTable = async (
    session: WireSession,
    task: LoadTask,
    opened: AsyncGenerator<OpenSegment>,
  ): Promise<void> => {
    const loaded = await session.copyIn(task.copy, rawBytes(task, opened, meter));
    rows.set(task.file.name, (rows.get(task.file.name) ?? 0) + loaded);
  };
  const loadTask = async (
    session: WireSession,
    task: LoadTask | LargeObjectsTask,
    opened: AsyncGenerator<OpenSegment>,
  ): Promise<void> => {
    try {
      if (task.kind === "table") await loadTable(session, task, opened);
      else await loadLargeObjects(session, task.files, reader, (bytes) => meter.add(bytes));
    } catch (error) {
      const object = task.kind === "table" ? `Table ${task.label}` : "Large objects";
      const connection = request.target;
      throw toFaultError(error, { connection, otherwise: "RestoreFailed", object });
    }
    meter.taskDone(task);
  };
  const work = async (session: WireSession): Promise<void> => {
    for (let batch = queue.take(); batch !== undefined; batch = queue.take()) {
      const opened = reader.open(batch.tasks.flatMap(tableSegments));
      try {
        for (const task of batch.tasks) {
          group.signal.throwIfAborted();
          await loadTask(session, task, opened);
        }
      } finally {
        // Not waited for: after a failure it may wait for bytes that nobody wants any more.
        void opened.return(undefined).catch(() => {});
      }
      queue.done(batch);
    }
  };
  await group.all(options.sessions.map(work));
  return rows;
}

/** Large objects open theirs themselves. */
const tableSegments = (task: LoadTask | LargeObjectsTask): readonly NamedSegment[] => {
  if (task.kind !== "table") return [];
  const name = `${task.file.name} (${task.label})`;
  return task.segments.map((segment) => ({ segment, name }));
};

/** As many of the opened segments as the task has. */
async function* rawBytes(
  task: LoadTask,
  opened: AsyncGenerator<OpenSegment>,
  meter: TransferMeter,
): AsyncGenerator<Uint8Array> {
  for (const _segment of task.segments) {
    const next = await opened.next();
    if (next.done === true) throw new Error(`${task.label} has more segments than were opened`);
    for await (const piece of next.value.pieces) {
      const { length } = piece;
      // Emptied once it is sent.
      yield piece;
      meter.add(length);
    }
  }
}

/** Every file must have brought exactly the rows that the dump counted. */
export function compareRows(
  files: readonly ArchiveFile[],
  loaded: ReadonlyMap<string, number>,
  database: string,
): void {
  for (const file of files) {
    const rows = loaded.get(file.name) ?? 0;
    if (file.rows === undefined || rows === file.rows) continue;
    const name = `${file.table?.schema}.${file.table?.name}`;
    throw new FaultError(
      fault(
        "RestoreFailed",
        { database, detail: `table ${name} has ${rows} rows after the restore, not ${file.rows}` },
        { target: `table ${name}` },
      ),
    );
  }
}
