import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNcrontab } from "../../triggers/ncrontab.ts";
import { nextOccurrenceMs } from "../../triggers/next-occurrence.ts";
import { isMoreFrequentThan, parseSchedule } from "../../triggers/schedule.ts";
import { createTimeZone, systemTimeZone } from "../../triggers/time-zone.ts";

const utc = createTimeZone("UTC");
const pacific = createTimeZone("America/Los_Angeles");
const berlin = createTimeZone("Europe/Berlin");

function next(expression: string, after: string, zone = utc, count = 1): string[] {
  const schedule = parseNcrontab(expression);
  const found: string[] = [];
  let atMs = Date.parse(after);
  for (let index = 0; index < count; index++) {
    atMs = nextOccurrenceMs(schedule, atMs, zone) ?? Number.NaN;
    found.push(Number.isNaN(atMs) ? "never" : new Date(atMs).toISOString().replace(".000Z", "Z"));
  }
  return found;
}

describe("an NCRONTAB expression", () => {
  it.each([
    ["every five minutes", "0 */5 * * * *", "2026-11-21T10:01:30Z", "2026-11-21T10:05:00Z"],
    ["strictly after the instant", "0 */5 * * * *", "2026-11-21T10:05:00Z", "2026-11-21T10:10:00Z"],
    [
      "five fields start at second 0",
      "*/5 * * * *",
      "2026-11-21T10:04:59Z",
      "2026-11-21T10:05:00Z",
    ],
    ["every second", "* * * * * *", "2026-11-21T10:00:00.999Z", "2026-11-21T10:00:01Z"],
    ["lists and ranges", "0 0 9-11,17 * * *", "2026-11-21T11:00:00Z", "2026-11-21T17:00:00Z"],
    ["range with a step", "0 10-30/10 * * * *", "2026-11-21T10:30:00Z", "2026-11-21T11:10:00Z"],
    ["open step", "0 5/20 * * * *", "2026-11-21T10:46:00Z", "2026-11-21T11:05:00Z"],
    ["month by name", "0 0 0 1 jan *", "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["full names", "0 0 0 * December Friday", "2026-11-21T00:00:00Z", "2026-12-04T00:00:00Z"],
    ["weekdays by name", "0 30 9 * * Mon-Fri", "2026-11-21T00:00:00Z", "2026-11-23T09:30:00Z"],
    ["sunday is 0", "0 0 0 * * 0", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
    ["day AND weekday", "0 0 0 13 * 5", "2026-11-21T00:00:00Z", "2027-08-13T00:00:00Z"],
    ["29 February", "0 0 0 29 2 *", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z"],
    ["31st skips short months", "0 0 0 31 * *", "2026-11-21T00:00:00Z", "2026-12-31T00:00:00Z"],
    ["30 February", "0 0 0 30 2 *", "2026-11-21T00:00:00Z", "never"],
  ])("%s: %s", (_title, expression, after, expected) => {
    expect(next(expression, after)).toEqual([expected]);
  });

  it.each([
    ["", "0 fields"],
    ["* * * *", "4 fields"],
    ["* * * * * * *", "7 fields"],
    ["60 * * * * *", 'second "60" must be a number from 0 to 59'],
    ["0 0 24 * * *", 'hour "24"'],
    ["0 0 0 0 * *", 'day of month "0"'],
    ["0 0 0 * 13 *", 'month "13"'],
    ["0 0 0 * * 7", 'day of week "7"'],
    ["0 0 0 * * fri-mon", "runs backwards"],
    ["0 */0 * * * *", "step 0"],
    ["0 a * * * *", 'minute "a"'],
    ["0 1,,2 * * * *", "cannot be read"],
    ["0 0 0 * ja *", 'month "ja"'],
  ])("%j is refused: %s", (expression, message) => {
    expect(() => parseNcrontab(expression)).toThrow(message);
  });

  it("agrees with a brute-force search, second by second", () => {
    const field = (first: number, last: number) =>
      fc.oneof(
        fc.constant("*"),
        fc.integer({ min: first, max: last }).map(String),
        fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
      );
    const expressions = fc.tuple(field(0, 59), field(0, 59), field(0, 23));
    const starts = fc.integer({ min: 0, max: 86_400 * 365 });
    fc.assert(
      fc.property(expressions, starts, ([second, minute, hour], startSeconds) => {
        const schedule = parseNcrontab(`${second} ${minute} ${hour} * * *`);
        const startMs = Date.UTC(2026, 0, 1) + startSeconds * 1000;
        let atMs = startMs + 1000;
        const fits = (date: Date) =>
          schedule.seconds.includes(date.getUTCSeconds()) &&
          schedule.minutes.includes(date.getUTCMinutes()) &&
          schedule.hours.includes(date.getUTCHours());
        while (!fits(new Date(atMs))) atMs += 1000;
        expect(nextOccurrenceMs(schedule, startMs, utc)).toBe(atMs);
      }),
      { numRuns: 60 },
    );
  });
});

describe("when clocks change", () => {
  it("skips a point in time that spring-forward leaves out", () => {
    expect(next("0 30 2 * * *", "2026-03-07T18:00:00Z", pacific, 2)).toEqual([
      "2026-03-09T09:30:00Z",
      "2026-03-10T09:30:00Z",
    ]);
  });

  it("runs an interval straight over the spring gap", () => {
    expect(next("0 */30 * * * *", "2026-03-08T09:15:00Z", pacific, 3)).toEqual([
      "2026-03-08T09:30:00Z",
      "2026-03-08T10:00:00Z",
      "2026-03-08T10:30:00Z",
    ]);
  });

  it("runs a point in time once in the repeated hour, in its first pass", () => {
    expect(next("0 30 1 * * *", "2026-10-31T18:00:00Z", pacific, 2)).toEqual([
      "2026-11-01T08:30:00Z",
      "2026-11-02T09:30:00Z",
    ]);
  });

  it("does not repeat it when asked from within the second pass", () => {
    expect(next("0 30 1 * * *", "2026-11-01T09:20:00Z", pacific)).toEqual(["2026-11-02T09:30:00Z"]);
  });

  it("runs an interval through both passes of the repeated hour", () => {
    expect(next("0 */30 * * * *", "2026-11-01T07:45:00Z", pacific, 6)).toEqual([
      "2026-11-01T08:00:00Z",
      "2026-11-01T08:30:00Z",
      "2026-11-01T09:00:00Z",
      "2026-11-01T09:30:00Z",
      "2026-11-01T10:00:00Z",
      "2026-11-01T10:30:00Z",
    ]);
  });

  it("keeps local time over the change", () => {
    expect(next("0 0 6 * * *", "2026-10-24T12:00:00Z", berlin, 2)).toEqual([
      "2026-10-25T05:00:00Z",
      "2026-10-26T05:00:00Z",
    ]);
  });

  it("never goes back and never stands still", () => {
    const expressions = fc.constantFrom("0 */7 * * * *", "0 15 1,2,3 * * *", "0 0 */3 * * *");
    const starts = fc.integer({ min: Date.UTC(2026, 9, 30), max: Date.UTC(2026, 10, 3) });
    fc.assert(
      fc.property(expressions, starts, (expression, startMs) => {
        const schedule = parseNcrontab(expression);
        const first = nextOccurrenceMs(schedule, startMs, pacific) ?? 0;
        const second = nextOccurrenceMs(schedule, first, pacific) ?? 0;
        expect(first).toBeGreaterThan(startMs);
        expect(second).toBeGreaterThan(first);
        // Asked from anywhere in between, the answer is the same.
        const betweenMs = Math.floor((first + second) / 2);
        expect(nextOccurrenceMs(schedule, betweenMs, pacific)).toBe(second);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a schedule", () => {
  const now = Date.UTC(2026, 10, 21);

  it("may be a time span between runs", () => {
    expect(parseSchedule("00:00:30", utc, now).nextAt(now)).toBe(now + 30_000);
    expect(parseSchedule("1.02:00:00", utc, now).nextAt(now)).toBe(now + 26 * 3_600_000);
  });

  it.each(["00:00:00", "-00:01:00", "0 0 0 31 2 *", "25:00:00"])("refuses %s", (text) => {
    expect(() => parseSchedule(text, utc, now)).toThrow(text);
  });

  it.each([
    ["*/30 * * * * *", true],
    ["0,30 0 * * * *", true],
    ["00:00:59", true],
    ["0 * * * * *", false],
    ["00:01:00", false],
    ["0 0 3 * * *", false],
  ])("%s is more frequent than a minute: %s", (text, expected) => {
    expect(isMoreFrequentThan(parseSchedule(text, utc, now), now)).toBe(expected);
  });

  it("knows the system's zone", () => {
    const offsetMs = systemTimeZone.offsetMsAt(now);
    expect(offsetMs).toBe(-new Date(now).getTimezoneOffset() * 60_000);
  });
});
