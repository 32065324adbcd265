/** The first failure of several parallel workers, which stops the others. */
export interface WorkGroup {
  /** Aborted by the caller's signal or by the first failure. */
  readonly signal: AbortSignal;
  /** Notes the first failure and stops the others. */
  fail(error: unknown): void;
  /** Waits for all, then rejects with the first failure, if there was one. */
  all<T>(work: readonly Promise<T>[]): Promise<T[]>;
}

export function createWorkGroup(outer: AbortSignal): WorkGroup {
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    stop.abort(error);
  };
  return {
    signal: AbortSignal.any([outer, stop.signal]),
    fail,
    all: async (work) => {
      const settled = await Promise.allSettled(
        work.map((promise) => promise.catch((error: unknown) => Promise.reject(note(error)))),
      );
      if (failure !== undefined) throw failure.error;
      return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    },
  };
  function note(error: unknown): unknown {
    fail(error);
    return error;
  }
}

/** Work handed out from the front, and handed back when somebody else must do it. */
export class WorkQueue<T> {
  readonly #items: T[];
  constructor(items: readonly T[]) {
    this.#items = [...items];
  }
  take(): T | undefined {
    return this.#items.shift();
  }
}
