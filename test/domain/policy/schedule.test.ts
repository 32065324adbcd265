import { describe, expect, it } from "vitest";
import { decideDueRun, maxCountedMissed } from "../../../src/domain/policy/due-run.ts";
import { latestDueAt, nextDueInstants } from "../../../src/domain/policy/schedule.ts";
import { at, iso, policyOf } from "./policies.ts";

const next = (intervals: string[], timeZone: string | undefined, after: string, count: number) =>
  nextDueInstants(policyOf({ intervals, timeZone }), at(after), count).map(iso);

describe("due instants", () => {
  it.each([
    {
      what: "weekly on the weekday of the start",
      intervals: ["R/2021-08-15T06:30:00+00:00/P1W"],
      timeZone: undefined,
      after: "2021-08-15T06:30:00Z",
      due: ["2021-08-22T06:30Z", "2021-08-29T06:30Z"],
    },
    {
      what: "never before the start",
      intervals: ["R/2031-08-15T06:30:00+00:00/P1D"],
      timeZone: "UTC",
      after: "2021-01-01T00:00:00Z",
      due: ["2031-08-15T06:30Z", "2031-08-16T06:30Z"],
    },
    {
      what: "on several weekdays in order",
      intervals: [
        "R/2021-08-19T06:30:00+00:00/P1W",
        "R/2021-08-15T22:00:00+00:00/P1W",
        "R/2021-08-17T01:05:00+00:00/P1W",
      ],
      timeZone: undefined,
      after: "2021-08-20T00:00:00Z",
      due: ["2021-08-22T22:00Z", "2021-08-24T01:05Z", "2021-08-26T06:30Z"],
    },
    {
      what: "every six hours counted from the start",
      intervals: ["R/2021-08-15T13:15:00+00:00/PT6H"],
      timeZone: undefined,
      after: "2021-08-15T00:00:00Z",
      due: ["2021-08-15T13:15Z", "2021-08-15T19:15Z", "2021-08-16T01:15Z", "2021-08-16T07:15Z"],
    },
    {
      what: "on the wall clock of a Windows time zone, whatever offset the CLI pasted",
      intervals: ["R/2021-08-15T06:30:00+00:00/P1D"],
      timeZone: "India Standard Time",
      after: "2022-01-01T12:00:00Z",
      due: ["2022-01-02T01:00Z"],
    },
    {
      what: "at the instant that an offset names, if no time zone was sent",
      intervals: ["R/2019-11-20T20:00:00-08:00/P1W"],
      timeZone: undefined,
      after: "2019-11-01T00:00:00Z",
      due: ["2019-11-21T04:00Z", "2019-11-28T04:00Z"],
    },
    {
      what: "at the instant that an offset foreign to the zone names",
      intervals: ["R/2021-03-03T12:49:00+05:30/P1D"],
      timeZone: "UTC",
      after: "2021-03-03T00:00:00Z",
      due: ["2021-03-03T07:19Z", "2021-03-04T07:19Z"],
    },
    {
      what: "on the wall clock, if the offset is the zone's standard one though it is summer",
      intervals: ["R/2021-07-01T09:00:00-08:00/P1D"],
      timeZone: "Pacific Standard Time",
      after: "2021-07-01T00:00:00Z",
      due: ["2021-07-01T16:00Z"],
    },
    {
      what: "an hour later where clocks skip the time",
      intervals: ["R/2026-01-01T02:30:00+00:00/P1D"],
      timeZone: "America/New_York",
      after: "2026-03-07T12:00:00Z",
      due: ["2026-03-08T07:30Z", "2026-03-09T06:30Z"],
    },
    {
      what: "once, at the first, where clocks show the time twice",
      intervals: ["R/2026-01-01T01:30:00+00:00/P1D"],
      timeZone: "America/New_York",
      after: "2026-10-31T12:00:00Z",
      due: ["2026-11-01T05:30Z", "2026-11-02T06:30Z"],
    },
    {
      what: "past midnight where clocks skip the last hour of a day",
      intervals: ["R/2026-01-01T23:30:00+00:00/P1D"],
      timeZone: "America/Scoresbysund",
      after: "2026-03-28T12:00:00Z",
      due: ["2026-03-29T01:30Z", "2026-03-30T00:30Z"],
    },
    {
      what: "once where a whole day was left out",
      intervals: ["R/2011-01-01T06:00:00+00:00/P1D"],
      timeZone: "Pacific/Apia",
      after: "2011-12-29T00:00:00Z",
      due: ["2011-12-29T16:00Z", "2011-12-30T16:00Z", "2011-12-31T16:00Z"],
    },
  ])("are $what", ({ intervals, timeZone, after, due }) => {
    expect(next(intervals, timeZone, after, due.length)).toEqual(due);
  });

  it("keep the seconds of the start and drop fractions", () => {
    const policy = policyOf({ intervals: ["R/2021-03-03T12:49:55.123+00:00/P1D"] });
    expect(nextDueInstants(policy, at("2021-03-03T00:00:00Z"), 1)).toEqual([
      at("2021-03-03T12:49:55Z"),
    ]);
  });

  it("have a newest one at any instant from the first on", () => {
    const policy = policyOf();
    const first = at("2021-08-15T06:30:00Z");
    expect(latestDueAt(policy, first - 1)).toBeUndefined();
    expect(latestDueAt(policy, first)).toBe(first);
    expect(latestDueAt(policy, first + 6 * 86_400_000)).toBe(first);
  });
});

describe("a tick of the schedule", () => {
  const policy = policyOf({ intervals: ["R/2026-01-01T06:00:00+00:00/P1D"] });
  const due = at("2026-11-21T06:00:00Z");

  it("runs a due instant and names the next", () => {
    expect(decideDueRun(policy, due, due + 30_000)).toEqual({
      runFor: due,
      missed: 0,
      nextDueAt: at("2026-11-22T06:00:00Z"),
      reason: "Due at 2026-11-21T06:00:00.0000000Z",
    });
  });

  it("serves all missed instants with one run for the newest", () => {
    const decision = decideDueRun(policy, due, at("2026-11-24T09:00:00Z"));
    expect(decision).toMatchObject({ runFor: at("2026-11-24T06:00:00Z"), missed: 3 });
    expect(decision.reason).toContain("also serves 3 missed since 2026-11-21T06:00:00.0000000Z");
  });

  it("counts missed instants up to its limit only", () => {
    const decision = decideDueRun(policy, due, at("2036-11-24T09:00:00Z"));
    expect(decision).toMatchObject({
      runFor: at("2036-11-24T06:00:00Z"),
      missed: maxCountedMissed,
    });
    expect(decision.reason).toContain(`at least ${maxCountedMissed}`);
  });

  it("runs nothing before the indexed instant, even if a clock is behind", () => {
    expect(decideDueRun(policy, due, due - 1)).toMatchObject({ runFor: undefined, nextDueAt: due });
  });

  it("runs nothing for an instant that the policy no longer has", () => {
    const moved = policyOf({ intervals: ["R/2026-11-22T05:00:00+00:00/P1D"] });
    expect(decideDueRun(moved, due, due)).toMatchObject({
      runFor: undefined,
      nextDueAt: at("2026-11-22T05:00:00Z"),
      reason: "The policy no longer has a backup due at 2026-11-21T06:00:00.0000000Z",
    });
  });
});
