/** How a task ended: `result` is JSON text. */
export interface Outcome {
  readonly ok: boolean;
  readonly result: string | null;
}

export const DONE: Outcome = { ok: true, result: null };

/**
 * A synchronous stand-in for a promise: its one continuation runs inside `finish`. Promises would
 * run continuations later and so hand out sequence numbers in another order than the SDK does.
 */
export class ReplayTask {
  outcome: Outcome | undefined;
  /**
   * A cancelled timer: it will never finish. It lets a WhenAll around it end, but ends no WhenAny:
   * the SDK went on because of another child, and so must replay, at that child's event.
   */
  isVoid = false;
  #continuation: ((outcome: Outcome) => void) | undefined;

  static finished(): ReplayTask {
    const task = new ReplayTask();
    task.outcome = DONE;
    return task;
  }

  finish(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.#continuation?.(outcome);
  }

  /** Runs at once if the task has finished. A task has one consumer. */
  onEnd(continuation: (outcome: Outcome) => void): void {
    if (this.outcome === undefined) this.#continuation = continuation;
    else continuation(this.outcome);
  }
}

/** Ends at the first child, whatever its outcome. */
export function whenAny(children: readonly ReplayTask[]): ReplayTask {
  const any = new ReplayTask();
  any.isVoid = children.every((child) => child.isVoid);
  for (const child of children) child.onEnd(() => any.finish(DONE));
  return any;
}

/** Ends when all children ended, also after a failure: the host waits where the SDK does not. */
export function whenAll(children: readonly ReplayTask[]): ReplayTask {
  const all = new ReplayTask();
  let waitingFor = children.filter((child) => !child.isVoid).length;
  if (waitingFor === 0) return ReplayTask.finished();
  for (const child of children) {
    if (child.isVoid) continue;
    child.onEnd(() => {
      waitingFor -= 1;
      if (waitingFor === 0) all.finish(DONE);
    });
  }
  return all;
}
