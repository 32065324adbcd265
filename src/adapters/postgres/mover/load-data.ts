import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveFile } from "../../../domain/manifest.ts";
import type { RestoreRequest } from "../../../ports/data-mover.ts";
import { toFaultError } from "../translate-error.ts";
import { type WorkGroup, WorkQueue } from "./concurrency.ts";
import { batchTasks } from "./load-batches.ts";
import { loadLargeObjects } from "./load-large-objects.ts";
import type { LargeObjectsTask, LoadTask } from "./load-plan.ts";
import type { ReadAhead, SegmentReader } from "./segment-reader.ts";
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
  const queue = new WorkQueue(batchTasks(tasks));
  const rows = new Map<string, number>();
  const loadTable = async (
    session: WireSession,
    task: LoadTask,
    ahead: ReadAhead | undefined,
  ): Promise<void> => {
    const loaded = await session.copyIn(task.copy, rawBytes(task, options, ahead));
    rows.set(task.file.name, (rows.get(task.file.name) ?? 0) + loaded);
  };
  const work = async (session: WireSession): Promise<void> => {
    for (let batch = queue.take(); batch !== undefined; batch = queue.take()) {
      const ahead = batch.range === undefined ? undefined : await reader.readAhead(batch.range);
      for (const task of batch.tasks) {
        group.signal.throwIfAborted();
        const object = task.kind === "table" ? `Table ${task.label}` : "Large objects";
        try {
          if (task.kind === "table") await loadTable(session, task, ahead);
          else await loadLargeObjects(session, task.files, reader, (bytes) => meter.add(bytes));
        } catch (error) {
          throw toFaultError(error, {
            connection: request.target,
            otherwise: "RestoreFailed",
            object,
          });
        }
        meter.taskDone(task);
      }
    }
  };
  await group.all(options.sessions.map(work));
  return rows;
}

async function* rawBytes(
  task: LoadTask,
  { reader, meter }: LoadOptions,
  ahead: ReadAhead | undefined,
): AsyncGenerator<Uint8Array> {
  for (const segment of task.segments) {
    for await (const piece of reader.raw(segment, `${task.file.name} (${task.label})`, ahead)) {
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
