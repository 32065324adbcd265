import { Temporal } from "temporal-polyfill";

/** A point in time: epoch milliseconds, UTC. */
export type Instant = number;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/**
 * Reads an ISO date-time that carries `Z` or an offset; digits below a millisecond are dropped.
 * Anything else, a date-time without offset included, is undefined.
 */
export function parseInstant(text: string): Instant | undefined {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}

/** As ARM writes instants: UTC with seven fractional digits, `2021-08-15T06:30:00.0000000Z`. */
export const formatInstant = (at: Instant): string => withDigits(at, 7);

/** As our own records keep instants: UTC with milliseconds, `2021-08-15T06:30:00.000Z`. */
export const formatRecordInstant = (at: Instant): string => withDigits(at, 3);

const withDigits = (at: Instant, fractionalSecondDigits: 3 | 7): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toString({ fractionalSecondDigits });
