import { type HistoryEvent, parseEvent } from "./history.ts";
import type { DurableStore } from "./store.ts";

/** History of one live instance: parsed for replay, as text for the SDK. */
export interface CachedHistory {
  readonly executionId: string;
  readonly events: HistoryEvent[];
  /** With `IsPlayed: true`. */
  readonly playedTexts: string[];
}

/** Instances kept parsed in memory; the rest is read again from the store when it wakes. */
const MAX_CACHED_INSTANCES = 2_000;

/** One process owns the store, so what it wrote last is what is there. */
export class HistoryCache {
  readonly #store: DurableStore;
  readonly #entries = new Map<string, CachedHistory>();

  constructor(store: DurableStore) {
    this.#store = store;
  }

  read(instanceId: string, executionId: string): CachedHistory {
    const cached = this.#entries.get(instanceId);
    if (cached?.executionId === executionId) return cached;
    const texts = this.#store.readHistory(instanceId);
    return {
      executionId,
      events: texts.map(parseEvent),
      playedTexts: texts.map((text) => withPlayed(text, true)),
    };
  }

  /** Call after the commit that appended these events. */
  append(instanceId: string, history: CachedHistory, added: readonly HistoryEvent[]): void {
    for (const event of added) {
      history.events.push(event);
      history.playedTexts.push(withPlayed(JSON.stringify(event), true));
    }
    this.#entries.delete(instanceId);
    this.#entries.set(instanceId, history);
    if (this.#entries.size <= MAX_CACHED_INSTANCES) return;
    // Map order is order of use: the first key is the one unused for longest.
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  forget(instanceId: string): void {
    this.#entries.delete(instanceId);
  }
}

export function withPlayed(eventText: string, isPlayed: boolean): string {
  return `${eventText.slice(0, -1)},"IsPlayed":${isPlayed}}`;
}
