import type { LoadBatch } from "./load-batches.ts";

/** The batches of one table; gone when none is waiting. */
interface Group {
  readonly waiting: LoadBatch[];
  active: number;
}

/**
 * Hands out batches in their order, but those of a table that nobody is loading before those of one
 * that somebody is: COPYs into one table wait for each other whenever it grows (its extension lock),
 * which cost PostgreSQL 15 a seventh of its CPU time with four of them. The parts of a large table
 * are loaded side by side once there is nothing else left to do.
 */
export class LoadQueue {
  readonly #groups = new Map<string, Group>();

  constructor(batches: readonly LoadBatch[]) {
    for (const batch of batches) {
      const group = this.#groups.get(tableOf(batch));
      if (group === undefined) this.#groups.set(tableOf(batch), { waiting: [batch], active: 0 });
      else group.waiting.push(batch);
    }
  }

  take(): LoadBatch | undefined {
    let chosen: Group | undefined;
    for (const group of this.#groups.values()) {
      if (chosen === undefined || group.active < chosen.active) chosen = group;
      if (chosen.active === 0) break;
    }
    const batch = chosen?.waiting.shift();
    if (chosen === undefined || batch === undefined) return undefined;
    chosen.active += 1;
    if (chosen.waiting.length === 0) this.#groups.delete(tableOf(batch));
    return batch;
  }

  done(batch: LoadBatch): void {
    const group = this.#groups.get(tableOf(batch));
    if (group !== undefined) group.active -= 1;
  }
}

/** Of several small tables in one batch, the first: who else loads the others does not matter. */
const tableOf = ({ tasks: [first] }: LoadBatch): string =>
  first?.kind === "table" ? first.file.name : "large objects";
