/**
 * NCRONTAB as Azure Functions reads it: `{second} {minute} {hour} {day} {month} {day-of-week}`, or
 * five fields with second 0. Day and day-of-week must both match. Pure: time zone included.
 */
export interface CronSchedule {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /**
   * A schedule with `*`, `-` or `/` in second, minute or hour. When clocks fall back it runs
   * through the repeated hour again; a point-in-time schedule runs in its first pass only.
   */
  readonly isInterval: boolean;
}

export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** English names by position from `first`; three letters are enough. */
  readonly names?: readonly string[];
}

const MONTHS =
  "january february march april may june july august september october november december";
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday";
const FIELDS = {
  second: { name: "second", first: 0, last: 59 },
  minute: { name: "minute", first: 0, last: 59 },
  hour: { name: "hour", first: 0, last: 23 },
  day: { name: "day of month", first: 1, last: 31 },
  month: { name: "month", first: 1, last: 12, names: MONTHS.split(" ") },
  weekday: { name: "day of week", first: 0, last: 6, names: WEEKDAYS.split(" ") },
} as const satisfies Record<string, Field>;

export function parseNcrontab(expression: string): CronSchedule {
  const parts = expression.trim().split(/\s+/);
  const [second, minute, hour, day, month, weekday] = parts.length === 5 ? ["0", ...parts] : parts;
  if (
    parts.length > 6 ||
    second === undefined ||
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined
  ) {
    throw new ScheduleError(
      `Schedule "${expression}" has ${expression.trim() === "" ? 0 : parts.length} fields, but needs 6 (second minute hour day month day-of-week) or 5 (without seconds).`,
    );
  }
  const parse = (text: string, field: Field): number[] => parseField(text, field, expression);
  return {
    seconds: parse(second, FIELDS.second),
    minutes: parse(minute, FIELDS.minute),
    hours: parse(hour, FIELDS.hour),
    days: new Set(parse(day, FIELDS.day)),
    months: new Set(parse(month, FIELDS.month)),
    weekdays: new Set(parse(weekday, FIELDS.weekday)),
    isInterval: [second, minute, hour].some((part) => /[*/-]/.test(part)),
  };
}

/** Sorted, without duplicates. */
function parseField(text: string, field: Field, expression: string): number[] {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const match = /^(?:(?<any>\*)|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d+))?$/.exec(item);
    const groups = match?.groups;
    if (groups === undefined) throw fieldError(item, field, expression, "cannot be read");
    const { from: fromText, to: toText, step: stepText } = groups;
    const from = fromText === undefined ? field.first : parseValue(fromText, field, expression);
    const step = stepText === undefined ? 1 : Number(stepText);
    // "5/15" counts from 5 to the end of the field.
    const isOpen = toText === undefined && (fromText === undefined || stepText !== undefined);
    const to = isOpen ? field.last : parseValue(toText ?? fromText ?? "", field, expression);
    if (step === 0) throw fieldError(item, field, expression, "has step 0, but must be 1 or more");
    if (from > to) throw fieldError(item, field, expression, "runs backwards; write it as a list");
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return [...values].toSorted((left, right) => left - right);
}

function parseValue(text: string, field: Field, expression: string): number {
  const lower = text.toLowerCase();
  const index =
    lower.length < 3 ? -1 : (field.names?.findIndex((name) => name.startsWith(lower)) ?? -1);
  if (index >= 0) return field.first + index;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.first && value <= field.last) return value;
  const names = field.names === undefined ? "" : " or an English name";
  throw fieldError(
    text,
    field,
    expression,
    `must be a number from ${field.first} to ${field.last}${names}`,
  );
}

function fieldError(item: string, field: Field, expression: string, problem: string) {
  return new ScheduleError(`Schedule "${expression}": ${field.name} "${item}" ${problem}.`);
}
