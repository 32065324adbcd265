import type { Instant } from "../instant.ts";
import type { BackupPolicy, Frequency, RepeatingInterval, Schedule } from "./policy.ts";
import { dateOf, instantOf, type LocalDate, localDateAt, weekdayIndexOf } from "./wall-clock.ts";

/** More than a tick, a page or a preview ever needs. */
export const maxDueInstants = 10_000;

/**
 * Every schedule is due once in a week at least; twice that covers a calendar day that a time zone
 * left out (Samoa had no December 30, 2011).
 */
const maxQuietDays = 15;

/**
 * The first `count` due instants after `after`, in order.
 *
 * Due instants are times of the wall clock in the policy's time zone: every week on the start's
 * weekday, every day, or every n hours counted from the start's time of day (n divides 24, so the
 * times are the same on every day). None is before the start. A time that the clocks skip is due as
 * much later as they jumped; a time that they show twice is due once, at the first; times that fall
 * on one instant are one.
 */
export function nextDueInstants(
  policy: BackupPolicy,
  after: Instant,
  count: number,
): readonly Instant[] {
  const { schedule } = policy.backupRule;
  const wanted = Math.min(count, maxDueInstants);
  const due: Instant[] = [];
  let date = laterOf(localDateAt(after, schedule.timeZone), firstDateOf(schedule));
  for (let quietDays = 0; due.length < wanted && quietDays < maxQuietDays; ) {
    const found = dueInstantsOn(schedule, date).filter((at) => at > after);
    due.push(...found);
    quietDays = found.length === 0 ? quietDays + 1 : 0;
    date = date.add({ days: 1 });
  }
  return due.slice(0, wanted);
}

/** The newest due instant that is not after `at`; undefined before the first one. */
export function latestDueAt(policy: BackupPolicy, at: Instant): Instant | undefined {
  const { schedule } = policy.backupRule;
  // One day ahead: clocks that go back across midnight show tomorrow for a moment, then today again.
  let date = localDateAt(at, schedule.timeZone).add({ days: 1 });
  for (let quietDays = 0; quietDays < maxQuietDays; quietDays += 1) {
    const latest = dueInstantsOn(schedule, date).findLast((instant) => instant <= at);
    if (latest !== undefined) return latest;
    date = date.subtract({ days: 1 });
  }
  return undefined;
}

/** Due instants that fall on a day of the wall clock, in order, each once. */
function dueInstantsOn(schedule: Schedule, date: LocalDate): readonly Instant[] {
  // Times of the day before may have been pushed past midnight by clocks that went forward.
  const nominal = [date.subtract({ days: 1 }), date].flatMap((day) =>
    schedule.intervals.flatMap((interval) => instantsOf(interval, day, schedule.timeZone)),
  );
  const onDate = nominal.filter((at) => localDateAt(at, schedule.timeZone).equals(date));
  return [...new Set(onDate)].toSorted((left, right) => left - right);
}

function instantsOf(
  interval: RepeatingInterval,
  date: LocalDate,
  timeZone: string,
): readonly Instant[] {
  const { start, frequency } = interval;
  const startDate = dateOf(start);
  const sinceStart = compareDates(date, startDate);
  if (sinceStart < 0) return [];
  if (frequency === "P1W" && weekdayIndexOf(date) !== weekdayIndexOf(startDate)) return [];
  const hours = hoursOfDay(frequency, start.hour).filter(
    (hour) => sinceStart > 0 || hour >= start.hour,
  );
  const { year, month, day } = date;
  return hours.map((hour) => instantOf({ ...start, year, month, day, hour }, timeZone));
}

const everyHours = {
  PT4H: 4,
  PT6H: 6,
  PT8H: 8,
  PT12H: 12,
  P1D: 24,
  P1W: 24,
} as const satisfies Record<Frequency, number>;

function hoursOfDay(frequency: Frequency, startHour: number): readonly number[] {
  const step = everyHours[frequency];
  return Array.from({ length: 24 / step }, (_, index) => (startHour % step) + index * step);
}

const firstDateOf = (schedule: Schedule): LocalDate =>
  schedule.intervals
    .map((interval) => dateOf(interval.start))
    .reduce((first, date) => (compareDates(date, first) < 0 ? date : first));

const laterOf = (left: LocalDate, right: LocalDate): LocalDate =>
  compareDates(left, right) < 0 ? right : left;

const compareDates = (left: LocalDate, right: LocalDate): number =>
  left.year - right.year || left.month - right.month || left.day - right.day;
