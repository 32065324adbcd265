import { parseTimeSpanMs } from "../time-span.ts";
import { parseNcrontab, ScheduleError } from "./ncrontab.ts";
import { nextOccurrenceMs } from "./next-occurrence.ts";
import type { TimeZone } from "./time-zone.ts";

const MINUTE_MS = 60_000;
/** So many occurrences decide whether a schedule is too frequent to be monitored. */
const FREQUENCY_SAMPLE = 5;

/** When a timer fires next. */
export interface Schedule {
  readonly text: string;
  nextAt(afterMs: number): number;
}

/** An NCRONTAB expression or a constant time span (`hh:mm:ss`) between runs. */
export function parseSchedule(text: string, zone: TimeZone, nowMs: number): Schedule {
  const intervalMs = text.includes(":") ? parseTimeSpanMs(text) : undefined;
  if (intervalMs !== undefined) {
    if (intervalMs <= 0) throw new ScheduleError(`Schedule "${text}" must be longer than zero.`);
    return { text, nextAt: (afterMs) => afterMs + intervalMs };
  }
  const cron = parseNcrontab(text);
  const nextAt = (afterMs: number): number => {
    const nextMs = nextOccurrenceMs(cron, afterMs, zone);
    if (nextMs === undefined) throw new ScheduleError(`Schedule "${text}" never comes due.`);
    return nextMs;
  };
  nextAt(nowMs);
  return { text, nextAt };
}

/** True for schedules whose runs follow each other faster than `minimumMs`. */
export function isMoreFrequentThan(
  schedule: Schedule,
  nowMs: number,
  minimumMs: number = MINUTE_MS,
): boolean {
  let previousMs = schedule.nextAt(nowMs);
  for (let sample = 1; sample < FREQUENCY_SAMPLE; sample++) {
    const nextMs = schedule.nextAt(previousMs);
    if (nextMs - previousMs < minimumMs) return true;
    previousMs = nextMs;
  }
  return false;
}
