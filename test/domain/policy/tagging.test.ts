import { describe, expect, it } from "vitest";
import {
  decideAdhocTag,
  decideTag,
  rememberTaggedBackup,
} from "../../../src/domain/policy/tagging.ts";
import {
  absolute,
  at,
  generic,
  type Loose,
  lifecycle,
  policyOf,
  retentionRule,
  tag,
} from "./policies.ts";

const grandfather = policyOf({
  intervals: ["R/2021-01-01T20:00:00+00:00/P1D"],
  timeZone: "Asia/Kolkata",
  tags: [
    tag("Yearly", 10, absolute("FirstOfYear")),
    tag("Monthly", 15, absolute("FirstOfMonth")),
    tag("Weekly", 20, absolute("FirstOfWeek")),
    tag("Daily", 25, absolute("FirstOfDay")),
  ],
  rules: ["Yearly", "Monthly", "Weekly", "Daily"].map((name) =>
    retentionRule(name, lifecycle("P1Y")),
  ),
});

/** Tags of backups at these instants, one after another, all successful. */
const tagsOf = (policy: typeof grandfather, instants: string[]): string[] => {
  let history: readonly { backupAt: number; tagName: string }[] = [];
  return instants.map((text) => {
    const { tagName } = decideTag({ policy, backupAt: at(text), history });
    history = rememberTaggedBackup(history, { backupAt: at(text), tagName });
    return tagName;
  });
};

describe("the first successful backup of a period", () => {
  it("gets the tag of the longest period it opens", () => {
    const backups: [string, string][] = [
      ["2026-01-01T14:30:00Z", "Yearly"],
      ["2026-01-02T14:30:00Z", "Daily"],
      ["2026-01-02T15:30:00Z", "Default"],
      ["2026-01-04T14:30:00Z", "Weekly"],
      ["2026-02-03T14:30:00Z", "Monthly"],
      ["2026-02-03T20:30:00Z", "Daily"],
    ];
    expect(
      tagsOf(
        grandfather,
        backups.map(([text]) => text),
      ),
    ).toEqual(backups.map(([, name]) => name));
  });

  it("is found in the policy's time zone, where Sunday opens the week", () => {
    // 18:30 UTC is midnight in Kolkata: Saturday, then Sunday, then still Sunday.
    const instants = ["2026-11-14T18:29:00Z", "2026-11-14T18:30:00Z", "2026-11-15T18:29:00Z"];
    expect(tagsOf(grandfather, instants)).toEqual(["Yearly", "Weekly", "Default"]);
  });

  it("says why", () => {
    const history = [{ backupAt: at("2026-11-01T14:30:00Z"), tagName: "Yearly" }];
    const decision = decideTag({
      policy: grandfather,
      backupAt: at("2026-11-20T14:30:00Z"),
      history,
    });
    expect(decision).toEqual({
      tagName: "Weekly",
      ruleName: "Weekly",
      reason:
        "Tag Weekly (priority 20): first successful backup of the week from Sunday 2026-11-15, Asia/Kolkata",
    });
  });

  it("is not given twice in a year because the first has expired", () => {
    const history = rememberTaggedBackup(
      rememberTaggedBackup([], { backupAt: at("2026-01-01T14:30:00Z"), tagName: "Yearly" }),
      { backupAt: at("2026-11-01T14:30:00Z"), tagName: "Monthly" },
    );
    const decision = decideTag({
      policy: grandfather,
      backupAt: at("2026-12-01T14:30:00Z"),
      history,
    });
    expect(decision.tagName).toBe("Monthly");
  });

  it("is the next one of the period if the policy got the tag in mid-period", () => {
    const history = [{ backupAt: at("2026-11-18T14:30:00Z"), tagName: "Default" }];
    const decision = decideTag({
      policy: grandfather,
      backupAt: at("2026-11-19T14:30:00Z"),
      history,
    });
    expect(decision.tagName).toBe("Yearly");
  });
});

const tagged = (criteria: Loose, extra = {}) =>
  policyOf({
    intervals: ["R/2021-01-01T02:30:00+00:00/PT6H"],
    tags: [tag("Special", 5, generic(criteria))],
    rules: [retentionRule("Special", lifecycle("P1Y"))],
    ...extra,
  });

describe("generic criteria", () => {
  it.each([
    ["a weekday", { daysOfTheWeek: ["Sunday"] }, "2026-11-22T08:30:00Z", "2026-11-21T08:30:00Z"],
    [
      "the fourth Sunday",
      { daysOfTheWeek: ["Sunday"], weeksOfTheMonth: ["Fourth"] },
      "2026-04-26T08:30:00Z",
      "2026-04-19T08:30:00Z",
    ],
    [
      "the last Sunday",
      { daysOfTheWeek: ["Sunday"], weeksOfTheMonth: ["Last"] },
      "2025-11-30T08:30:00Z",
      "2025-11-23T08:30:00Z",
    ],
    [
      "a day of the month",
      { daysOfMonth: [{ date: 15 }] },
      "2026-11-15T08:30:00Z",
      "2026-11-16T08:30:00Z",
    ],
    [
      "the last day of a leap February",
      { daysOfMonth: [{ isLast: true }] },
      "2028-02-29T08:30:00Z",
      "2028-02-28T08:30:00Z",
    ],
    ["a month", { monthsOfYear: ["May", "June"] }, "2026-06-30T20:30:00Z", "2026-07-01T02:30:00Z"],
    [
      "a time of day",
      { scheduleTimes: ["2019-03-01T08:30:00Z"] },
      "2026-11-21T08:30:00Z",
      "2026-11-21T14:30:00Z",
    ],
  ])("match %s and nothing beside it", (_what, criteria, inside, outside) => {
    const policy = tagged(criteria);
    expect(decideTag({ policy, backupAt: at(inside), history: [] }).tagName).toBe("Special");
    expect(decideTag({ policy, backupAt: at(outside), history: [] }).tagName).toBe("Default");
  });

  it("know a time of day that clocks going forward have pushed on", () => {
    const policy = tagged(
      { scheduleTimes: ["2019-03-01T02:30:00Z"] },
      { timeZone: "America/New_York" },
    );
    expect(decideTag({ policy, backupAt: at("2026-03-08T07:30:00Z"), history: [] }).tagName).toBe(
      "Special",
    );
  });
});

describe("an on-demand backup", () => {
  it.each([
    ["BackupWeekly", undefined, "Default"],
    ["backupweekly", "", "Default"],
    ["BackupWeekly", "monthly", "Monthly"],
    ["Monthly", undefined, "Monthly"],
    ["Monthly", "Monthly", "Monthly"],
    ["Default", undefined, "Default"],
  ])("under rule %s with override %j gets tag %s", (ruleName, override, tagName) => {
    const request = {
      ruleName,
      ...(override === undefined ? {} : { retentionTagOverride: override }),
    };
    const decision = decideAdhocTag(grandfather, request);
    expect(decision).toMatchObject({ ok: true, value: { tagName, ruleName: tagName } });
  });

  it.each([
    [{ ruleName: "Hourly" }, "backupRuleOptions.ruleName"],
    [
      { ruleName: "BackupWeekly", retentionTagOverride: "Forever" },
      "backupRuleOptions.triggerOption.retentionTagOverride",
    ],
    [
      { ruleName: "Monthly", retentionTagOverride: "Yearly" },
      "backupRuleOptions.triggerOption.retentionTagOverride",
    ],
  ])("is refused for %j, naming what would do", (request, path) => {
    const decision = decideAdhocTag(grandfather, request);
    expect(decision).toMatchObject({
      ok: false,
      error: { code: "BMSUserErrorInvalidInput", path },
    });
    expect(decision.ok ? "" : decision.error.message).toContain("Monthly");
  });
});
