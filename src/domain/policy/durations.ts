import { Temporal } from "temporal-polyfill";
import type { Instant } from "../instant.ts";

/**
 * Calendar arithmetic in UTC: P1M after January 31 is February 28 or 29. UTC, not the policy's time
 * zone, so that a later change of the zone (or of its rules) cannot move a promised expiry.
 */
export const addDuration = (at: Instant, isoDuration: string): Instant =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO("UTC")
    .add(Temporal.Duration.from(isoDuration)).epochMilliseconds;

/** Canonical text of a positive duration in whole days, weeks, months, years; else undefined. */
export function parseCalendarDuration(text: string): string | undefined {
  if (!/^P(?=\d)(\d{1,4}Y)?(\d{1,5}M)?(\d{1,5}W)?(\d{1,6}D)?$/i.test(text)) return undefined;
  const duration = Temporal.Duration.from(text);
  return duration.sign > 0 ? duration.toString() : undefined;
}

/** Days of a duration, counted from a fixed first of January so that ranges can be compared. */
export const nominalDays = (isoDuration: string): number =>
  Temporal.Duration.from(isoDuration).total({ unit: "days", relativeTo: referenceDate });

/** Ten years from here have 3,653 days, the most that ten years can have. */
const referenceDate = Temporal.PlainDate.from("2000-01-01");
