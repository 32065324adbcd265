import type { DurableStore } from "./store.ts";

/** Longest sleep: bounds the harm of a clock that was set, and of Node's 24.8-day timer limit. */
const MAX_SLEEP_MS = 60_000;

/** Wakes recipients when their messages become visible; one JS timer for the earliest. */
export class DueTimer {
  readonly #store: DurableStore;
  readonly #now: () => number;
  readonly #wake: (recipient: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #isStopped = true;

  constructor(store: DurableStore, now: () => number, wake: (recipient: string) => void) {
    this.#store = store;
    this.#now = now;
    this.#wake = wake;
  }

  /** Also what recovery consists of: everything due by now is woken. */
  start(): void {
    this.#isStopped = false;
    this.#tick();
  }

  notice(visibleAt: number): void {
    if (visibleAt < this.#armedFor) this.#arm(visibleAt);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #tick(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const nowMs = this.#now();
    for (const recipient of this.#store.dueRecipients(nowMs)) this.#wake(recipient);
    this.#arm(this.#store.nextVisibleAt(nowMs) ?? nowMs + MAX_SLEEP_MS);
  }

  #arm(at: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#armedFor = at;
    const sleepMs = Math.min(Math.max(at - this.#now(), 0), MAX_SLEEP_MS);
    // A Node timer may fire up to 1 ms early; the next tick then arms it again.
    this.#timer = setTimeout(() => this.#tick(), sleepMs);
  }
}
