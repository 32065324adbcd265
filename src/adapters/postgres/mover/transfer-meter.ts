import type { TransferControl } from "../../../ports/data-mover.ts";

type MeteredTask =
  /** A table, or a part of it: parts of one table share one `file`. */
  | { readonly kind: "table"; readonly file: object; readonly bytes: number }
  | { readonly kind: "large-objects"; readonly bytes: number };

/** Counts what was moved and tells it as progress. */
export interface TransferMeter {
  add(bytes: number): void;
  taskDone(task: MeteredTask): void;
  readonly bytes: number;
}

/** The total is what is done plus what the tasks not yet done were estimated to have. */
export function createTransferMeter(
  control: TransferControl,
  tasks: readonly MeteredTask[],
  nowMs: () => number = () => performance.now(),
): TransferMeter {
  const startedMs = nowMs();
  const partsLeft = new Map<object, number>();
  for (const task of tasks) {
    if (task.kind === "table") partsLeft.set(task.file, (partsLeft.get(task.file) ?? 0) + 1);
  }
  const tablesTotal = partsLeft.size;
  let bytesLeft = tasks.reduce((sum, task) => sum + task.bytes, 0);
  let bytesDone = 0;
  let sinceTaskDone = 0;
  let tablesDone = 0;
  const tell = (): void => {
    const seconds = (nowMs() - startedMs) / 1000;
    control.onProgress({
      bytesDone,
      bytesTotal: Math.round(bytesDone + Math.max(0, bytesLeft - sinceTaskDone)),
      tablesDone,
      tablesTotal,
      ...(seconds > 0 ? { bytesPerSecond: Math.round(bytesDone / seconds) } : {}),
    });
  };
  return {
    add: (bytes) => {
      bytesDone += bytes;
      sinceTaskDone += bytes;
      tell();
    },
    taskDone: (task) => {
      bytesLeft = Math.max(0, bytesLeft - task.bytes);
      sinceTaskDone = Math.max(0, sinceTaskDone - task.bytes);
      if (task.kind === "table") {
        const left = (partsLeft.get(task.file) ?? 1) - 1;
        partsLeft.set(task.file, left);
        if (left === 0) tablesDone += 1;
      }
      tell();
    },
    get bytes() {
      return bytesDone;
    },
  };
}
