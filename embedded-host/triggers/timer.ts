import { HostFailureError } from "../core/host-failure.ts";
import type { TypedData } from "../core/worker-port.ts";
import type { Schedule } from "./schedule.ts";
import type { ScheduleStatus, TimerStore } from "./timer-store.ts";

/** Longer waits are slept in pieces: Node's timers hold 24.8 days, and clocks get adjusted. */
const MAX_SLEEP_MS = 60_000;

export interface TimerOptions {
  readonly name: string;
  readonly schedule: Schedule;
  /** undefined: the schedule is not monitored, a missed run is lost. */
  readonly store: TimerStore | undefined;
  readonly runOnStartup: boolean;
  /** Rejects when the run failed; a failed run counts as a run. */
  readonly run: (triggerValue: TypedData, signal: AbortSignal) => Promise<void>;
  readonly onEvent: (event: TimerEvent) => void;
  readonly now?: () => number;
}

export type TimerEvent =
  | { kind: "past-due"; dueAt: number }
  | { kind: "schedule-changed" }
  | { kind: "failed"; error: unknown };

export interface Timer {
  start(): void;
  /** No run starts any more; resolves when the running one has ended. */
  stop(): Promise<void>;
}

/**
 * One timer trigger. Its runs never overlap: what comes due during a run is made up for by one run
 * right after it. The status is written after each run, so a run that a crash cut short, or that
 * came due while no host ran, is past due at the next start.
 */
export function createTimer(options: TimerOptions): Timer {
  const { name, schedule, store, now = Date.now } = options;
  const stopping = new AbortController();
  let status: ScheduleStatus | undefined;
  let nextAt = 0;
  let wake: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const scheduleNext = (): void => {
    if (stopping.signal.aborted) return;
    const delayMs = Math.min(Math.max(nextAt - now(), 0), MAX_SLEEP_MS);
    wake = setTimeout(() => {
      if (now() < nextAt && delayMs === MAX_SLEEP_MS) scheduleNext();
      else running = runOnce(false);
    }, delayMs);
  };

  const runOnce = async (isPastDue: boolean): Promise<void> => {
    // The clock may be a little early: the run then counts as the scheduled one.
    const startedAt = isPastDue ? now() : Math.max(now(), nextAt);
    let hasRun = true;
    try {
      await options.run(timerValue(status, isPastDue), stopping.signal);
    } catch (error) {
      // Cut short by a stop: still due at the next start.
      hasRun = !(error instanceof HostFailureError && error.reason !== "timeout");
      options.onEvent({ kind: "failed", error });
    }
    nextAt = schedule.nextAt(startedAt);
    if (hasRun) save({ lastAt: startedAt, nextAt, updatedAt: startedAt });
    scheduleNext();
  };

  const save = (changed: ScheduleStatus): void => {
    if (store === undefined) return;
    status = changed;
    store.write(name, changed);
  };

  /** The instant of a run that should have happened, else undefined. */
  const loadStatus = (): number | undefined => {
    const startedAt = now();
    status = store?.read(name);
    if (status !== undefined) {
      if (schedule.nextAt(status.lastAt ?? status.updatedAt) === status.nextAt) {
        nextAt = status.nextAt;
        return startedAt > nextAt ? nextAt : undefined;
      }
      options.onEvent({ kind: "schedule-changed" });
    }
    nextAt = schedule.nextAt(startedAt);
    save({ lastAt: null, nextAt, updatedAt: startedAt });
    return undefined;
  };

  return {
    start() {
      const dueAt = loadStatus();
      if (dueAt !== undefined) options.onEvent({ kind: "past-due", dueAt });
      if (dueAt !== undefined) running = runOnce(true);
      else if (options.runOnStartup) running = runOnStart();
      else scheduleNext();
    },
    async stop() {
      stopping.abort();
      clearTimeout(wake);
      await running;
    },
  };

  function runOnStart(): Promise<void> {
    nextAt = now();
    return runOnce(false);
  }
}

/** The value of a timer trigger as .NET writes it; the library camel-cases the names. */
export function timerValue(status: ScheduleStatus | undefined, isPastDue: boolean): TypedData {
  const scheduleStatus =
    status === undefined
      ? null
      : {
          Last: status.lastAt === null ? "0001-01-01T00:00:00" : iso(status.lastAt),
          Next: iso(status.nextAt),
          LastUpdated: iso(status.updatedAt),
        };
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: scheduleStatus,
      IsPastDue: isPastDue,
    }),
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
