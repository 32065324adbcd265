import { FaultError, fault } from "../../../domain/fault.ts";
import type { ArchiveFile } from "../../../domain/manifest.ts";
import type { RestoreRequest } from "../../../ports/data-mover.ts";
import { toFaultError } from "../translate-error.ts";
import { type WorkGroup, WorkQueue } from "./concurrency.ts";
import { loadLargeObjects } from "./load-large-objects.ts";
import type { LoadTask } from "./load-plan.ts";
import type { SegmentReader } from "./segment-reader.ts";
import type { TransferMeter } from "./transfer-meter.ts";
import type { WireSession } from "./wire-port.ts";

export interface LargeObjectsTask {
  readonly kind: "large-objects";
  readonly files: readonly ArchiveFile[];
  readonly bytes: number;
}

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
  const queue = new WorkQueue(tasks);
  const rows = new Map<string, number>();
  const loadTable = async (session: WireSession, task: LoadTask): Promise<void> => {
    const loaded = await session.copyIn(task.copy, rawBytes(task, reader, meter));
    rows.set(task.file.name, (rows.get(task.file.name) ?? 0) + loaded);
  };
  const work = async (session: WireSession): Promise<void> => {
    for (let task = queue.take(); task !== undefined; task = queue.take()) {
      group.signal.throwIfAborted();
      const object = task.kind === "table" ? `Table ${task.label}` : "Large objects";
      try {
        if (task.kind === "table") await loadTable(session, task);
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
  };
  await group.all(options.sessions.map(work));
  return rows;
}

async function* rawBytes(
  task: LoadTask,
  reader: SegmentReader,
  meter: TransferMeter,
): AsyncGenerator<Uint8Array> {
  for (const segment of task.segments) {
    for await (const piece of reader.raw(segment, `${task.file.name} (${task.label})`)) {
      yield piece;
      meter.add(piece.length);
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
