import type { TransferControl } from "../../../ports/data-mover.ts";

interface MeteredTask {
  readonly kind: string;
  readonly bytes: number;
}

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
  const tablesTotal = tasks.filter((task) => task.kind === "table").length;
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
      if (task.kind === "table") tablesDone += 1;
      tell();
    },
    get bytes() {
      return bytesDone;
    },
  };
}
