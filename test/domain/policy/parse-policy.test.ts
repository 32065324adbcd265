import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { datasourceTypes } from "../../../src/domain/datasource.ts";
import { defaultPolicyTemplate } from "../../../src/domain/policy/default-policy.ts";
import { parsePolicy } from "../../../src/domain/policy/parse-policy.ts";
import { malformedPolicies } from "./malformed-policies.ts";
import {
  absolute,
  archiveStore,
  copyToArchive,
  generic,
  lifecycle,
  parsed,
  policyJson,
  policyOf,
  retentionRule,
  tag,
  vaultStore,
} from "./policies.ts";

describe("a malformed policy", () => {
  it("is covered by at least sixty cases", () => {
    expect(malformedPolicies.length).toBeGreaterThanOrEqual(60);
  });

  it.each(malformedPolicies)(
    "with %s is refused by code and path",
    (_what, properties, problems) => {
      const result = parsePolicy(properties);
      if (result.ok) throw new Error("The policy was accepted");
      expect(result.error.map(({ code, path }) => [code, path])).toEqual(problems);
      for (const problem of result.error) {
        expect(problem.message.startsWith(`${problem.path} is `)).toBe(true);
        expect(problem.message.endsWith(`expected ${problem.expectation}.`)).toBe(true);
      }
    },
  );

  it("shows all its problems at once, with what was sent and what belongs there", () => {
    const properties = policyJson({ intervals: ["R/2021-08-15T1430/P1W"], timeZone: "Nowhere" });
    properties.policyRules[1].lifecycles = [lifecycle("P1D")];
    const result = parsePolicy(properties);
    expect(result.ok ? [] : result.error.map((problem) => problem.message)).toEqual([
      `properties.policyRules[0].trigger.schedule.timeZone is "Nowhere"; expected a Windows time zone name such as 'India Standard Time', an IANA name such as 'Asia/Kolkata', or UTC.`,
      `properties.policyRules[0].trigger.schedule.repeatingTimeIntervals[0] is "R/2021-08-15T1430/P1W"; expected R/<start>/<duration> with an extended ISO 8601 start, such as R/2021-08-15T06:30:00+00:00/P1W.`,
      `properties.policyRules[1].lifecycles[0].deleteAfter.duration is "P1D"; expected an ISO 8601 duration of whole days, weeks, months or years such as P3M, 7 days to 10 years in VaultStore.`,
    ]);
  });
});

describe("the default template", () => {
  it.each([
    ["Microsoft.DBforPostgreSQL/servers/databases", "postgresql"],
    ["Microsoft.DBforPostgreSQL/flexibleServers", "postgresql-flexible"],
  ] as const)("for %s is the one of Azure's clients", (datasourceType, file) => {
    const path = new URL(`fixtures/cli-default-policy-${file}.json`, import.meta.url);
    const recorded: unknown = JSON.parse(readFileSync(path, "utf8")).policy;
    expect(defaultPolicyTemplate(datasourceType)).toEqual(recorded);
  });

  it.each(datasourceTypes)("for %s parses", (datasourceType) => {
    expect(parsed(defaultPolicyTemplate(datasourceType))).toEqual({
      datasourceTypes: [datasourceType],
      backupRule: {
        name: "BackupWeekly",
        backupType: "Full",
        dataStoreType: "VaultStore",
        schedule: {
          timeZoneName: "UTC",
          timeZone: "UTC",
          intervals: [
            {
              text: "R/2021-08-15T06:30:00+00:00/P1W",
              start: { year: 2021, month: 8, day: 15, hour: 6, minute: 30, second: 0 },
              frequency: "P1W",
            },
          ],
        },
        taggingCriteria: [
          { tagName: "Default", isDefault: true, taggingPriority: 99, criteria: [] },
        ],
      },
      retentionRules: [{ name: "Default", isDefault: true, vault: { deleteAfter: "P3M" } }],
    });
  });
});

describe("a policy as clients send it", () => {
  it("may name values in any case, null what is not set, and carry unknown keys", () => {
    const json = policyJson({ timeZone: "india standard time" });
    json.name = "OssPolicy1";
    json.datasourceTypes = ["microsoft.dbforpostgresql/SERVERS/databases"];
    json.policyRules[0].backupParameters.backupType = "full";
    json.policyRules[0].trigger.taggingCriteria[0].criteria = null;
    json.policyRules[1].lifecycles[0].targetDataStoreCopySettings = null;
    const policy = parsed(json);
    expect(policy.datasourceTypes).toEqual(["Microsoft.DBforPostgreSQL/servers/databases"]);
    expect(policy.backupRule.schedule.timeZone).toBe("Asia/Calcutta");
  });

  it("may give a copy setting as an object, as the CLI does", () => {
    const rule = retentionRule(
      "Monthly",
      lifecycle("P6M", vaultStore, copyToArchive("CopyOnExpiryOption")),
      lifecycle("P24M", archiveStore, []),
    );
    expect(policyOf({ rules: [rule] }).retentionRules[1]).toEqual({
      name: "Monthly",
      isDefault: false,
      vault: { deleteAfter: "P6M", archiveCopy: { option: "CopyOnExpiryOption" } },
      archive: { deleteAfter: "P24M" },
    });
  });

  it("may have a retention rule without tag, for on-demand backups", () => {
    const policy = policyOf({ rules: [retentionRule("Yearly", lifecycle("P10Y"))] });
    expect(policy.retentionRules.map((rule) => rule.name)).toEqual(["Default", "Yearly"]);
  });

  it("keeps generic criteria, the last day of the month among them", () => {
    const criteria = [
      generic({
        daysOfMonth: [
          { date: 15, isLast: false },
          { date: 0, isLast: true },
        ],
      }),
      generic({ daysOfTheWeek: ["sunday"], weeksOfTheMonth: ["First", "Last"] }),
      generic({ monthsOfYear: ["May"], scheduleTimes: ["2021-08-15T06:30:00Z"] }),
      absolute("FirstOfYear", "FirstOfMonth"),
    ];
    const policy = policyOf({
      tags: [tag("Special", 5, ...criteria)],
      rules: [retentionRule("Special", lifecycle("P7D"))],
    });
    const none = {
      daysOfMonth: [],
      daysOfTheWeek: [],
      weeksOfTheMonth: [],
      monthsOfYear: [],
      scheduleTimes: [],
    };
    expect(policy.backupRule.taggingCriteria[1]?.criteria).toEqual([
      { kind: "generic", ...none, daysOfMonth: [15, "Last"] },
      { kind: "generic", ...none, daysOfTheWeek: ["Sunday"], weeksOfTheMonth: ["First", "Last"] },
      { kind: "generic", ...none, monthsOfYear: ["May"], scheduleTimes: ["06:30:00"] },
      { kind: "absolute", markers: ["FirstOfYear", "FirstOfMonth"] },
    ]);
  });

  it.each(["P7D", "P1W", "P10Y", "P120M", "P3650D", "P1Y6M", "p3m"])(
    "may keep for %s in the vault",
    (duration) => {
      const rule = retentionRule("Extra", lifecycle(duration));
      expect(policyOf({ rules: [rule] }).retentionRules[1]?.vault.deleteAfter).toBe(
        duration.toUpperCase(),
      );
    },
  );

  it.each(["P6M", "P180D", "P26W", "P10Y"])("may keep for %s in the archive", (duration) => {
    const copies = [copyToArchive("CustomCopyOption", "P30D")];
    const rule = retentionRule(
      "Extra",
      lifecycle("P6M", vaultStore, copies),
      lifecycle(duration, archiveStore),
    );
    expect(policyOf({ rules: [rule] }).retentionRules[1]?.archive).toEqual({
      deleteAfter: duration,
    });
  });

  it("is only for the datasource types that the vault protects", () => {
    const supported = ["Microsoft.DBforPostgreSQL/flexibleServers"] as const;
    const result = parsePolicy(policyJson(), { datasourceTypes: supported, path: "body" });
    expect(result.ok ? [] : result.error.map(({ code, path }) => [code, path])).toEqual([
      ["UserErrorNotSupported", "body.datasourceTypes[0]"],
    ]);
  });
});
