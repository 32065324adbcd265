import type { DatabaseConnection } from "../../../domain/connection.ts";
import type { ArchiveFile, ArchiveSegment } from "../../../domain/manifest.ts";
import { shapeOfError, sqlStateOf } from "../error-shape.ts";
import { toFaultError } from "../translate-error.ts";
import type { TableFile, TablePart } from "./dump-plan.ts";
import { lockStatement } from "./dump-snapshot.ts";
import { readLargeObjects } from "./large-object-reader.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { SlabSink } from "./slab-sink.ts";
import type { WireSession } from "./wire-port.ts";

export interface TableTask {
  readonly kind: "table";
  readonly file: TableFile;
  readonly part: TablePart;
  readonly bytes: number;
  /** Filled in by the worker. */
  readonly result: PartResult;
}

export interface LargeObjectTask {
  readonly kind: "large-objects";
  readonly bytes: number;
  readonly files: ArchiveFile[];
}

export type DumpTask = TableTask | LargeObjectTask;

export interface PartResult {
  segments: readonly ArchiveSegment[];
  rows: number;
}

export interface DumpWorker {
  readonly session: WireSession;
  readonly writer: SegmentWriter;
  readonly sink: SlabSink;
  /** Its session holds the locks of all tables. */
  readonly isHolder: boolean;
}

export interface DumpWorkContext {
  readonly connection: DatabaseConnection;
  readonly snapshotId: string;
  onBytes(bytes: number): void;
}

/** `busy`: somebody waits for an exclusive lock, so only the holder of the locks can read it now. */
export type TaskOutcome = "done" | "busy";

export async function runTask(
  worker: DumpWorker,
  task: DumpTask,
  context: DumpWorkContext,
): Promise<TaskOutcome> {
  const object =
    task.kind === "table" ? `Table ${task.file.table.relation.toString()}` : "Large objects";
  try {
    if (task.kind === "table") return await readTable(worker, task, context);
    await storeLargeObjects(worker, task, context);
    return "done";
  } catch (error) {
    throw toFaultError(error, { connection: context.connection, otherwise: "DumpFailed", object });
  }
}

export const joinSnapshot = async (session: WireSession, snapshotId: string): Promise<void> => {
  await session.execute(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${snapshotId}'`,
  );
};

async function readTable(
  { session, writer, sink, isHolder }: DumpWorker,
  task: TableTask,
  context: DumpWorkContext,
): Promise<TaskOutcome> {
  const lock = Buffer.concat([lockStatement([task.file.table]), Buffer.from(" NOWAIT; ")]);
  const sql = isHolder ? task.part.copy : Buffer.concat([lock, task.part.copy]);
  const segments: ArchiveSegment[] = [];
  const copying = session.copyOut(sql, sink);
  const settled = copying.then(
    () => sink.end(),
    (error: unknown) => sink.fail(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    for await (const slab of sink.slabs()) {
      await writer.write(slab.bytes);
      context.onBytes(slab.bytes.length);
      if (slab.endsSegment) addTo(segments, await writer.endSegment());
    }
  } catch (error) {
    // The server's own word, when the COPY failed, is what `slabs` threw.
    if (isHolder || sqlStateOf(shapeOfError(error)) !== "55P03") throw error;
    await settled;
    sink.reset();
    await session.execute("ROLLBACK");
    await joinSnapshot(session, context.snapshotId);
    return "busy";
  }
  task.result.rows = await copying;
  task.result.segments = segments;
  return "done";
}

async function storeLargeObjects(
  { session, writer }: DumpWorker,
  task: LargeObjectTask,
  context: DumpWorkContext,
): Promise<void> {
  let segments: ArchiveSegment[] = [];
  for await (const { oid, bytes, endsObject } of readLargeObjects(session)) {
    if (bytes.length > 0) {
      await writer.write(bytes);
      addTo(segments, await writer.endSegment());
      context.onBytes(bytes.length);
    }
    if (!endsObject) continue;
    task.files.push({ name: largeObjectFileName(oid), segments });
    segments = [];
  }
}

export const largeObjectFileName = (oid: string): string => `blob_${oid}.dat`;

const addTo = (segments: ArchiveSegment[], segment: ArchiveSegment | undefined): void => {
  if (segment !== undefined) segments.push(segment);
};
