import type { Instant } from "../instant.ts";
import {
  type AbsoluteMarker,
  type BackupCriterion,
  type DayOfMonth,
  daysOfTheWeek,
  type GenericCriterion,
  monthsOfYear,
  type WeekOfTheMonth,
  weeksOfTheMonth,
} from "./policy.ts";
import type { IanaName } from "./time-zone.ts";
import {
  instantOf,
  type LocalDate,
  localDateAt,
  startOfWeek,
  weekdayIndexOf,
} from "./wall-clock.ts";

export interface BackupMoment {
  readonly backupAt: Instant;
  readonly timeZone: IanaName;
  /** Backups that serve a period already. */
  readonly servedAt: readonly Instant[];
}

/**
 * Why a backup meets a criterion, or undefined if it does not. Days, weeks, months and years are
 * those of the wall clock in the policy's time zone at the backup's due instant.
 */
export function matchCriterion(
  criterion: BackupCriterion,
  moment: BackupMoment,
): string | undefined {
  const date = localDateAt(moment.backupAt, moment.timeZone);
  if (criterion.kind === "generic") return matchGeneric(criterion, moment, date);
  const met = criterion.markers.find((marker) => isFirst(marker, moment, date));
  return met === undefined ? undefined : describeMarker(met, date);
}

/** Whether nothing before served the period that the marker names. */
function isFirst(marker: AbsoluteMarker, moment: BackupMoment, date: LocalDate): boolean {
  const period = periodOf(marker, date);
  return !moment.servedAt.some((at) => {
    const served = localDateAt(at, moment.timeZone);
    return period !== undefined && periodOf(marker, served) === period;
  });
}

/** A name that all days of one period share; undefined for the marker without period. */
function periodOf(marker: AbsoluteMarker, date: LocalDate): string | undefined {
  switch (marker) {
    case "AllBackup":
      return undefined;
    case "FirstOfDay":
      return date.toString();
    case "FirstOfWeek":
      return startOfWeek(date).toString();
    case "FirstOfMonth":
      return `${date.year}-${date.month}`;
    case "FirstOfYear":
      return `${date.year}`;
  }
}

function describeMarker(marker: AbsoluteMarker, date: LocalDate): string {
  const month = `${monthsOfYear[date.month - 1]} ${date.year}`;
  switch (marker) {
    case "AllBackup":
      return "every backup";
    case "FirstOfDay":
      return `first successful backup of ${date.toString()}`;
    case "FirstOfWeek":
      return `first successful backup of the week from Sunday ${startOfWeek(date).toString()}`;
    case "FirstOfMonth":
      return `first successful backup of ${month}`;
    case "FirstOfYear":
      return `first successful backup of ${date.year}`;
  }
}

function matchGeneric(
  criterion: GenericCriterion,
  moment: BackupMoment,
  date: LocalDate,
): string | undefined {
  const weekday = daysOfTheWeek[weekdayIndexOf(date)];
  const month = monthsOfYear[date.month - 1];
  const holds =
    allows(criterion.monthsOfYear, (wanted) => wanted === month) &&
    allows(criterion.daysOfMonth, (wanted) => isDayOfMonth(wanted, date)) &&
    allows(criterion.daysOfTheWeek, (wanted) => wanted === weekday) &&
    allows(criterion.weeksOfTheMonth, (wanted) => isWeekOfTheMonth(wanted, date)) &&
    allows(criterion.scheduleTimes, (wanted) => isTimeOfDay(wanted, moment, date));
  return holds ? `${weekday}, ${month} ${date.day}, ${date.year} meets its criteria` : undefined;
}

/** An empty list allows everything. */
const allows = <T>(wanted: readonly T[], test: (value: T) => boolean): boolean =>
  wanted.length === 0 || wanted.some(test);

const isDayOfMonth = (wanted: DayOfMonth, date: LocalDate): boolean =>
  wanted === "Last" ? date.day === date.daysInMonth : wanted === date.day;

/**
 * Weeks of a month are counted by occurrence of the weekday: First is its first one (days 1 to 7),
 * Last its last one (the month's last seven days), as Azure's portal puts it ("first Sunday").
 */
function isWeekOfTheMonth(wanted: WeekOfTheMonth, date: LocalDate): boolean {
  if (wanted === "Last") return date.day > date.daysInMonth - 7;
  return Math.floor((date.day - 1) / 7) === weeksOfTheMonth.indexOf(wanted);
}

/** Compares instants, so that a time pushed on by clocks going forward still counts as itself. */
function isTimeOfDay(wanted: string, moment: BackupMoment, date: LocalDate): boolean {
  const [hour = 0, minute = 0, second = 0] = wanted.split(":").map(Number);
  const { year, month, day } = date;
  return instantOf({ year, month, day, hour, minute, second }, moment.timeZone) === moment.backupAt;
}
