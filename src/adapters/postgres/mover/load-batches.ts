import type { ArchiveSegment } from "../../../domain/manifest.ts";
import type { LargeObjectsTask, LoadTask } from "./load-plan.ts";

/** Tasks that one connection does in a row. */
export interface LoadBatch {
  readonly tasks: readonly (LoadTask | LargeObjectsTask)[];
}

interface PackRange {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
}

/** Stored bytes up to which a table is small: the request costs more than its bytes. */
const smallBytes = 256 * 1024;
/** Stored bytes, and the gaps between them, that are read at once. */
const rangeLimitBytes = 1024 * 1024;

/** Small tables that lie beside each other share a request, after all the others. */
export function batchTasks(tasks: readonly (LoadTask | LargeObjectsTask)[]): readonly LoadBatch[] {
  const small: { task: LoadTask; range: PackRange }[] = [];
  const batches: LoadBatch[] = [];
  for (const task of tasks) {
    const range = task.kind === "table" ? rangeOf(task.segments) : undefined;
    if (task.kind === "table" && range !== undefined && range.length <= smallBytes) {
      small.push({ task, range });
    } else {
      batches.push({ tasks: [task] });
    }
  }
  small.sort((a, b) => a.range.pack - b.range.pack || a.range.offset - b.range.offset);
  let open: { tasks: LoadTask[]; range: PackRange } | undefined;
  for (const { task, range } of small) {
    const joined = open === undefined ? undefined : join(open.range, range);
    if (open !== undefined && joined !== undefined && joined.length <= rangeLimitBytes) {
      open.tasks.push(task);
      open.range = joined;
    } else {
      if (open !== undefined) batches.push(open);
      open = { tasks: [task], range };
    }
  }
  return open === undefined ? batches : [...batches, open];
}

/** Undefined for segments of different packs. */
function rangeOf(segments: readonly ArchiveSegment[]): PackRange | undefined {
  return segments
    .map(({ pack, offset, length }): PackRange | undefined => ({ pack, offset, length }))
    .reduce((a, b) => (a === undefined || b === undefined ? undefined : join(a, b)));
}

function join(a: PackRange, b: PackRange): PackRange | undefined {
  if (a.pack !== b.pack) return undefined;
  const offset = Math.min(a.offset, b.offset);
  const end = Math.max(a.offset + a.length, b.offset + b.length);
  return { pack: a.pack, offset, length: end - offset };
}
