import type { CronSchedule } from "./ncrontab.ts";
import type { TimeZone } from "./time-zone.ts";

const DAY_MS = 86_400_000;
/** 29 February on one weekday recurs within 40 years, also over 2100. */
const SEARCH_LIMIT_DAYS = 41 * 366;
/** Longest change of a zone's offset that is looked for around an instant. */
const MAX_SHIFT_MS = 3 * 3_600_000;
/** Wall-clock times that one gap can swallow: a schedule for every second, three hours. */
const MAX_SKIPPED = 11_000;

/**
 * The first instant after `afterMs` that the schedule names in that zone; undefined if there is none
 * within 40 years (30 February). Wall-clock times that a spring-forward skips are skipped.
 */
export function nextOccurrenceMs(
  schedule: CronSchedule,
  afterMs: number,
  zone: TimeZone,
): number | undefined {
  const wallMs = afterMs + zone.offsetMsAt(afterMs);
  const repeated = nextInRepeatedHour(schedule, afterMs, wallMs, zone);
  if (repeated !== undefined) return repeated;
  let candidateMs = nextWallMs(schedule, wallMs);
  for (let tried = 0; candidateMs !== undefined && tried < MAX_SKIPPED; tried++) {
    const [firstPassMs] = instantsOf(candidateMs, zone);
    if (firstPassMs !== undefined && firstPassMs > afterMs) return firstPassMs;
    // An interval schedule that stands in the second pass of a repeated hour.
    const later = schedule.isInterval
      ? instantsOf(candidateMs, zone).find((instantMs) => instantMs > afterMs)
      : undefined;
    if (later !== undefined) return later;
    candidateMs = nextWallMs(schedule, candidateMs);
  }
  return undefined;
}

/** Just before clocks fall back, earlier wall-clock times are still to come a second time. */
function nextInRepeatedHour(
  schedule: CronSchedule,
  afterMs: number,
  wallMs: number,
  zone: TimeZone,
): number | undefined {
  const fallBackMs = zone.offsetMsAt(afterMs) - zone.offsetMsAt(afterMs + MAX_SHIFT_MS);
  if (!schedule.isInterval || fallBackMs <= 0) return undefined;
  let best: number | undefined;
  let candidateMs = nextWallMs(schedule, wallMs - fallBackMs - 1);
  const offsetMs = zone.offsetMsAt(afterMs);
  // Both passes of a time compete with the first passes of later ones, which come in order.
  while (candidateMs !== undefined && candidateMs <= wallMs + fallBackMs) {
    if (best !== undefined && candidateMs - offsetMs >= best) break;
    for (const instantMs of instantsOf(candidateMs, zone)) {
      if (instantMs > afterMs && (best === undefined || instantMs < best)) best = instantMs;
    }
    candidateMs = nextWallMs(schedule, candidateMs);
  }
  return best;
}

/** The instants, in order, at which the zone's clocks show that time: none, one or two. */
function instantsOf(wallMs: number, zone: TimeZone): readonly number[] {
  const offsets = new Set([zone.offsetMsAt(wallMs - DAY_MS), zone.offsetMsAt(wallMs + DAY_MS)]);
  return [...offsets]
    .filter((offsetMs) => zone.offsetMsAt(wallMs - offsetMs) === offsetMs)
    .map((offsetMs) => wallMs - offsetMs)
    .toSorted((left, right) => left - right);
}

/** The first matching wall-clock time after another, both written as if they were UTC. */
function nextWallMs(schedule: CronSchedule, afterWallMs: number): number | undefined {
  const startMs = Math.floor(afterWallMs / 1000) * 1000 + 1000;
  const midnightMs = Math.floor(startMs / DAY_MS) * DAY_MS;
  for (let day = 0; day <= SEARCH_LIMIT_DAYS; day++) {
    const dayMs = midnightMs + day * DAY_MS;
    if (!matchesDay(schedule, dayMs)) continue;
    const timeMs = firstTimeOfDayMs(schedule, day === 0 ? startMs - dayMs : 0);
    if (timeMs !== undefined) return dayMs + timeMs;
  }
  return undefined;
}

function matchesDay(schedule: CronSchedule, dayMs: number): boolean {
  const date = new Date(dayMs);
  return (
    schedule.months.has(date.getUTCMonth() + 1) &&
    schedule.days.has(date.getUTCDate()) &&
    schedule.weekdays.has(date.getUTCDay())
  );
}

function firstTimeOfDayMs(schedule: CronSchedule, fromMs: number): number | undefined {
  for (const hour of schedule.hours) {
    if ((hour + 1) * 3_600_000 <= fromMs) continue;
    for (const minute of schedule.minutes) {
      const minuteMs = (hour * 60 + minute) * 60_000;
      if (minuteMs + 60_000 <= fromMs) continue;
      const second = schedule.seconds.find((value) => minuteMs + value * 1000 >= fromMs);
      if (second !== undefined) return minuteMs + second * 1000;
    }
  }
  return undefined;
}
