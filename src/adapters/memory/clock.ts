import type { Clock, IdSource } from "../../ports/clock.ts";

export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(epochMs: number): void;
}

/** A clock that stands still until it is moved. */
export function createManualClock(
  startAt: string | number = "2026-01-01T00:00:00.000Z",
): ManualClock {
  let epochMs = new Date(startAt).getTime();
  return {
    now: () => epochMs,
    advance: (ms) => {
      epochMs += ms;
    },
    set: (value) => {
      epochMs = value;
    },
  };
}

/** GUIDs that count up, the same in every run. */
export function createSequentialIds(first = 1): IdSource {
  let next = first;
  return {
    newGuid: () => `00000000-0000-4000-8000-${(next++).toString(16).padStart(12, "0")}`,
  };
}
