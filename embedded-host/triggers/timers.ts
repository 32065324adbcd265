import type { WriteLog } from "../core/log.ts";
import type { RegisteredFunction } from "../core/worker-port.ts";
import type { InvokeFunction } from "../invocations.ts";
import { describeError, SettingsError } from "../json-file.ts";
import { runWithRetries } from "./retry.ts";
import type { Schedule } from "./schedule.ts";
import { isMoreFrequentThan, parseSchedule } from "./schedule.ts";
import type { TimeZone } from "./time-zone.ts";
import type { Timer, TimerEvent } from "./timer.ts";
import { createTimer } from "./timer.ts";
import type { TimerStore } from "./timer-store.ts";

export interface TimersOptions {
  readonly functions: readonly RegisteredFunction[];
  readonly invoke: InvokeFunction;
  readonly store: TimerStore;
  readonly zone: TimeZone;
  readonly log: WriteLog;
  /** Schedules with shorter gaps are not monitored, whatever `useMonitor` says. Default: a minute. */
  readonly minimumMonitoredMs?: number;
  /** Replaces `%NAME%` in a binding's option. */
  readonly resolve: (text: string, where: string) => string;
}

/** All timer triggers of an app. Rejects schedules that cannot be read before anything starts. */
export function createTimers(options: TimersOptions): Timer {
  const timers = options.functions
    .filter((fn) => fn.trigger.type.toLowerCase() === "timertrigger")
    .map((fn) => createFunctionTimer(fn, options));
  return {
    start() {
      for (const timer of timers) timer.start();
    },
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()));
    },
  };
}

function createFunctionTimer(fn: RegisteredFunction, options: TimersOptions): Timer {
  const schedule = readSchedule(fn, options);
  const isMonitored =
    fn.trigger["useMonitor"] !== false &&
    !isMoreFrequentThan(schedule, Date.now(), options.minimumMonitoredMs);
  return createTimer({
    name: fn.name,
    schedule,
    store: isMonitored ? options.store : undefined,
    runOnStartup: fn.trigger["runOnStartup"] === true,
    run: async (triggerValue, signal) => {
      await runWithRetries(fn.retryOptions, signal, (retryContext) =>
        options.invoke(fn, triggerValue, retryContext === undefined ? {} : { retryContext }),
      );
    },
    onEvent: (event) => {
      const level = event.kind === "failed" ? "error" : "information";
      options.log({ level, category: "system", functionName: fn.name, message: tell(event) });
    },
  });
}

function readSchedule(fn: RegisteredFunction, { resolve, zone }: TimersOptions): Schedule {
  const where = `schedule of function "${fn.name}"`;
  const text = fn.trigger["schedule"];
  if (typeof text !== "string") throw new SettingsError(`The ${where} is missing.`);
  try {
    return parseSchedule(resolve(text, where), zone, Date.now());
  } catch (cause) {
    throw new SettingsError(`The ${where} is wrong. ${describeError(cause)}`, { cause });
  }
}

function tell(event: TimerEvent): string {
  switch (event.kind) {
    case "past-due":
      return `Timer was due at ${new Date(event.dueAt).toISOString()} and did not run: running it now.`;
    case "schedule-changed":
      return "Timer has another schedule than when it last ran: starting afresh.";
    case "failed":
      return `Timer run failed: ${describeError(event.error)}`;
  }
}
