interface KeyedQueueOptions<K> {
  readonly maxConcurrent: number;
  /** Must not reject for anything that can be handled: a rejection goes to `onFatal`. */
  run(key: K): Promise<void>;
  onFatal(error: unknown): void;
}

/**
 * Runs work by key: never two runs of one key at a time, at most `maxConcurrent` keys at once, in
 * order of arrival. A key woken while it runs is run once more afterwards.
 */
export class KeyedQueue<K> {
  readonly #options: KeyedQueueOptions<K>;
  readonly #waiting = new Set<K>();
  readonly #running = new Map<K, { wokenAgain: boolean }>();
  readonly #idleWaiters: (() => void)[] = [];
  #isPumpPlanned = false;
  #isStopped = false;

  constructor(options: KeyedQueueOptions<K>) {
    this.#options = options;
  }

  /** Safe inside a transaction: nothing starts before the current synchronous code has ended. */
  wake(key: K): void {
    const running = this.#running.get(key);
    if (running !== undefined) {
      running.wokenAgain = true;
      return;
    }
    this.#waiting.add(key);
    this.#planPump();
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
  }

  /** Resolves when nothing runs any more; meaningful after `stop`. */
  async whenIdle(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #planPump(): void {
    if (this.#isPumpPlanned || this.#isStopped) return;
    this.#isPumpPlanned = true;
    // Not a microtask: an orchestration that continues as new for ever must not starve I/O.
    setImmediate(() => {
      this.#isPumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#isStopped || this.#running.size >= this.#options.maxConcurrent) return;
      this.#waiting.delete(key);
      this.#running.set(key, { wokenAgain: false });
      this.#options
        .run(key)
        .catch((error: unknown) => this.#options.onFatal(error))
        .finally(() => this.#onEnd(key));
    }
  }

  #onEnd(key: K): void {
    const wokenAgain = this.#running.get(key)?.wokenAgain === true;
    this.#running.delete(key);
    if (this.#isStopped) {
      if (this.#running.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
      return;
    }
    if (wokenAgain) this.#waiting.add(key);
    if (this.#waiting.size > 0) this.#planPump();
  }
}
