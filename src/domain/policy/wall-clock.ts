import { Temporal } from "temporal-polyfill";
import type { Instant } from "../instant.ts";
import type { WallClock } from "./policy.ts";
import type { IanaName } from "./time-zone.ts";

/** A day of the calendar on the wall clock of some time zone. */
export type LocalDate = Temporal.PlainDate;

export const localDateAt = (at: Instant, timeZone: IanaName): LocalDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate();

/** The wall clock at an instant; milliseconds are dropped. */
export function wallClockAt(at: Instant, timeZone: IanaName): WallClock {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  const { year, month, day, hour, minute, second } = local;
  return { year, month, day, hour, minute, second };
}

/**
 * The instant at which the wall clock shows a time. When clocks go forward, a time that they skip
 * is due as much later as they jumped (02:30 happens at 03:30); when they go back, a time that
 * they show twice is due at the first of the two, once.
 */
export const instantOf = (clock: WallClock, timeZone: IanaName): Instant =>
  Temporal.PlainDateTime.from(clock).toZonedDateTime(timeZone, { disambiguation: "compatible" })
    .epochMilliseconds;

/** Offset of the time zone from UTC at an instant, in minutes. */
export const offsetMinutesAt = (at: Instant, timeZone: IanaName): number =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).offsetNanoseconds /
  60_000_000_000;

export const dateOf = ({ year, month, day }: WallClock): LocalDate =>
  Temporal.PlainDate.from({ year, month, day });

/** Sunday is 0, the order of `daysOfTheWeek` in policy.ts. */
export const weekdayIndexOf = (date: LocalDate): number => date.dayOfWeek % 7;

/**
 * Azure documents no first day of the week. Sunday is .NET's and the enum's first day, and the one
 * that fits a field report of Azure's own week counting (learn.microsoft.com/answers 5865393).
 */
export const startOfWeek = (date: LocalDate): LocalDate =>
  date.subtract({ days: weekdayIndexOf(date) });
