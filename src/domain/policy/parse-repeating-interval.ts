import { Temporal } from "temporal-polyfill";
import { type JsonPlace, notSupported, report, textOf } from "./json-place.ts";
import { type Frequency, frequencies, type RepeatingInterval, type WallClock } from "./policy.ts";
import type { IanaName } from "./time-zone.ts";
import { dateOf, offsetMinutesAt, wallClockAt, weekdayIndexOf } from "./wall-clock.ts";

const expectation =
  "R/<start>/<duration> with an extended ISO 8601 start, such as R/2021-08-15T06:30:00+00:00/P1W";

/**
 * Reads `R/<start>/<duration>`. `timeZone` is the schedule's, or undefined if it was not sent, when
 * the schedule runs in UTC.
 */
export function parseRepeatingInterval(
  place: JsonPlace,
  timeZone: IanaName | undefined,
): RepeatingInterval | undefined {
  const text = textOf(place, expectation);
  if (text === undefined) return undefined;
  const [repeat, startText, duration, ...rest] = text.split("/");
  const start = startText === undefined ? undefined : parseWallClock(startText, timeZone);
  if (repeat?.toUpperCase() !== "R" || start === undefined || rest.length > 0)
    return report(place, expectation);
  const frequency = parseFrequency(duration ?? "");
  if (frequency === undefined)
    return report(place, `a duration of ${frequencies.join(", ")} after the start`, notSupported);
  return { text, start, frequency };
}

/** Azure's clients write P1D and P1W; their equals P7D and PT24H are taken too. */
function parseFrequency(text: string): Frequency | undefined {
  const upper = text.toUpperCase();
  const canonical = upper === "P7D" ? "P1W" : upper === "PT24H" ? "P1D" : upper;
  return frequencies.find((frequency) => frequency === canonical);
}

/**
 * The wall clock meant by a date-time with an optional offset. Azure's clients paste the time of
 * day that the user typed and add `+00:00` (CLI), `Z`, or the standard offset of the user's own
 * computer (PowerShell), so:
 * - no time zone sent: the text names an instant, read on the clock of UTC;
 * - a time zone, and an offset that is zero, missing, or one that the zone itself uses in that year:
 *   the digits are the wall clock in the zone;
 * - a time zone, and an offset foreign to it: the text names an instant, read on the zone's clock.
 */
export function parseWallClock(
  text: string,
  timeZone: IanaName | undefined,
): WallClock | undefined {
  const match = dateTime.exec(text);
  const digits = match?.[1];
  if (match === null || digits === undefined) return undefined;
  const clock = parseDigits(digits);
  if (clock === undefined) return undefined;
  const offsetMinutes = parseOffset(match[2]);
  if (offsetMinutes === undefined) return undefined;
  if (offsetMinutes === 0) return clock;
  if (timeZone !== undefined && isOffsetOf(timeZone, clock.year, offsetMinutes)) return clock;
  const at = epochMsOf(clock) - offsetMinutes * 60_000;
  return wallClockAt(at, timeZone ?? "UTC");
}

/** Extended form only: compact forms such as `T1430` are refused, as Azure does. */
const dateTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/i;

function parseDigits(digits: string): WallClock | undefined {
  // A leap second would be rounded by Temporal; no client writes one.
  if (digits.endsWith(":60")) return undefined;
  try {
    const { year, month, day, hour, minute, second } = Temporal.PlainDateTime.from(digits);
    return year < 1970 || year > 9000 ? undefined : { year, month, day, hour, minute, second };
  } catch {
    return undefined;
  }
}

function parseOffset(text: string | undefined): number | undefined {
  if (text === undefined || text.toUpperCase() === "Z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  if (hours > 14 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

function isOffsetOf(timeZone: IanaName, year: number, offsetMinutes: number): boolean {
  const inJanuary = epochMsOf({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0 });
  const inJuly = epochMsOf({ year, month: 7, day: 1, hour: 0, minute: 0, second: 0 });
  return [inJanuary, inJuly].some((at) => offsetMinutesAt(at, timeZone) === offsetMinutes);
}

const epochMsOf = (clock: WallClock): number =>
  Temporal.PlainDateTime.from(clock).toZonedDateTime("UTC").epochMilliseconds;

/** Whether two intervals of one frequency are due at the same times (from the later start on). */
export function isSameInterval(left: RepeatingInterval, right: RepeatingInterval): boolean {
  const isSameTime =
    left.start.hour === right.start.hour &&
    left.start.minute === right.start.minute &&
    left.start.second === right.start.second;
  if (left.frequency !== "P1W") return isSameTime;
  return isSameTime && weekdayIndexOf(dateOf(left.start)) === weekdayIndexOf(dateOf(right.start));
}
