import {
  absolute,
  archiveStore,
  copyToArchive,
  generic,
  type Loose,
  lifecycle,
  policyJson,
  retentionRule,
  tag,
  vaultStore,
} from "./policies.ts";

const invalid = "BMSUserErrorInvalidInput";
const unsupported = "UserErrorNotSupported";

/** What is wrong, how the JSON is bent, and every problem it must raise: code and path. */
export type MalformedPolicy = readonly [
  what: string,
  properties: Loose,
  problems: readonly (readonly [code: string, path: string])[],
];

const bent = (bend: (policy: Loose, backupRule: Loose, defaultRule: Loose) => void): Loose => {
  const policy = policyJson();
  bend(policy, policy.policyRules[0], policy.policyRules[1]);
  return policy;
};
const rules = "properties.policyRules";
const trigger = `${rules}[0].trigger`;
const interval = `${trigger}.schedule.repeatingTimeIntervals[0]`;
const tags = `${trigger}.taggingCriteria`;
const one = (code: string, path: string) => [[code, path]] as const;

const document: readonly MalformedPolicy[] = [
  ["no document", undefined, one(invalid, "properties")],
  ["null document", null, one(invalid, "properties")],
  ["a text as document", "policy", one(invalid, "properties")],
  ["an array as document", [], one(invalid, "properties")],
  ["no objectType", bent((p) => delete p.objectType), one(invalid, "properties.objectType")],
  [
    "foreign objectType",
    bent((p) => (p.objectType = "Vault")),
    one(invalid, "properties.objectType"),
  ],
  [
    "no datasource type",
    bent((p) => delete p.datasourceTypes),
    one(invalid, "properties.datasourceTypes"),
  ],
  [
    "empty datasource types",
    bent((p) => (p.datasourceTypes = [])),
    one(invalid, "properties.datasourceTypes"),
  ],
  [
    "a text as datasource types",
    bent((p) => (p.datasourceTypes = "x")),
    one(invalid, "properties.datasourceTypes"),
  ],
  [
    "a disk",
    bent((p) => (p.datasourceTypes = ["Microsoft.Compute/disks"])),
    one(unsupported, "properties.datasourceTypes[0]"),
  ],
  [
    "two datasource types",
    bent((p) => p.datasourceTypes.push("Microsoft.DBforPostgreSQL/flexibleServers")),
    one(invalid, "properties.datasourceTypes"),
  ],
  [
    "no rules",
    bent((p) => delete p.policyRules),
    [
      [invalid, rules],
      [invalid, rules],
    ],
  ],
  ["rules no array", bent((p) => (p.policyRules = {})), one(invalid, rules)],
  ["too many rules", bent((p) => (p.policyRules = Array(51).fill({}))), one(invalid, rules)],
  ["a rule that is a number", bent((p) => p.policyRules.push(7)), one(invalid, `${rules}[2]`)],
  [
    "a rule without objectType",
    bent((p) => p.policyRules.push({})),
    one(invalid, `${rules}[2].objectType`),
  ],
  [
    "a rule of unknown type",
    bent((p) => p.policyRules.push({ objectType: "X" })),
    one(invalid, `${rules}[2].objectType`),
  ],
  ["no backup rule", bent((p) => p.policyRules.shift()), one(invalid, rules)],
  [
    "two backup rules",
    bent((p, b) => p.policyRules.push({ ...b, name: "Second" })),
    one(invalid, `${rules}[2]`),
  ],
  [
    "no retention rule",
    bent((p) => p.policyRules.pop()),
    [
      [invalid, rules],
      [invalid, `${tags}[0].tagInfo.tagName`],
    ],
  ],
  [
    "two rules of one name",
    bent((p) => p.policyRules.push(retentionRule("backupweekly", lifecycle("P1M")))),
    one(invalid, `${rules}[2].name`),
  ],
];

const backupRules: readonly MalformedPolicy[] = [
  ["no rule name", bent((_p, b) => delete b.name), one(invalid, `${rules}[0].name`)],
  ["a blank rule name", bent((_p, b) => (b.name = " ")), one(invalid, `${rules}[0].name`)],
  [
    "an endless rule name",
    bent((_p, b) => (b.name = "x".repeat(300))),
    one(invalid, `${rules}[0].name`),
  ],
  [
    "backup type missing",
    bent((_p, b) => (b.backupParameters = {})),
    one(invalid, `${rules}[0].backupParameters.backupType`),
  ],
  [
    "an incremental backup",
    bent((_p, b) => (b.backupParameters.backupType = "Incremental")),
    one(unsupported, `${rules}[0].backupParameters.backupType`),
  ],
  [
    "foreign parameters",
    bent((_p, b) => (b.backupParameters.objectType = "X")),
    one(invalid, `${rules}[0].backupParameters.objectType`),
  ],
  [
    "parameters no object",
    bent((_p, b) => (b.backupParameters = "Full")),
    one(invalid, `${rules}[0].backupParameters`),
  ],
  ["no data store", bent((_p, b) => delete b.dataStore), one(invalid, `${rules}[0].dataStore`)],
  [
    "the operational store",
    bent((_p, b) => (b.dataStore = { dataStoreType: "OperationalStore" })),
    one(unsupported, `${rules}[0].dataStore.dataStoreType`),
  ],
  [
    "backups straight to archive",
    bent((_p, b) => (b.dataStore = archiveStore)),
    one(unsupported, `${rules}[0].dataStore.dataStoreType`),
  ],
  ["no trigger", bent((_p, b) => delete b.trigger), one(invalid, trigger)],
  [
    "an ad hoc trigger",
    bent((_p, b) => (b.trigger.objectType = "AdhocBasedTriggerContext")),
    one(unsupported, `${trigger}.objectType`),
  ],
  ["no schedule", bent((_p, b) => delete b.trigger.schedule), one(invalid, `${trigger}.schedule`)],
  [
    "an unknown time zone",
    policyJson({ timeZone: "Mars/Olympus" }),
    one(invalid, `${trigger}.schedule.timeZone`),
  ],
  [
    "an offset as time zone",
    policyJson({ timeZone: "+05:30" }),
    one(invalid, `${trigger}.schedule.timeZone`),
  ],
  [
    "a number as time zone",
    bent((_p, b) => (b.trigger.schedule.timeZone = 5)),
    one(invalid, `${trigger}.schedule.timeZone`),
  ],
  [
    "no intervals",
    policyJson({ intervals: [] }),
    one(invalid, `${trigger}.schedule.repeatingTimeIntervals`),
  ],
  [
    "intervals no array",
    bent((_p, b) => (b.trigger.schedule.repeatingTimeIntervals = "R/2021-08-15T06:30:00Z/P1W")),
    one(invalid, `${trigger}.schedule.repeatingTimeIntervals`),
  ],
  ...[
    ["a null interval", null],
    ["an interval without R", "2021-08-15T06:30:00+00:00/P1W"],
    ["a counted interval", "R5/2021-08-15T06:30:00+00:00/P1W"],
    ["a compact time", "R/2021-08-15T1430/P1W"],
    ["a compact date", "R/20210815T06:30:00Z/P1W"],
    ["a compact offset", "R/2021-08-15T06:30:00+0000/P1W"],
    ["a day that does not exist", "R/2021-02-30T06:30:00Z/P1W"],
    ["an hour that does not exist", "R/2021-08-15T24:30:00Z/P1W"],
    ["a start without time", "R/2021-08-15/P1W"],
    ["an offset of 15 hours", "R/2021-08-15T06:30:00+15:00/P1W"],
    ["an interval in four parts", "R/2021-08-15T06:30:00Z/P1W/P1D"],
  ].map(
    ([what, text]): MalformedPolicy => [
      `${what}`,
      policyJson({ intervals: [text as string] }),
      one(invalid, interval),
    ],
  ),
  ...["P2W", "P1M", "PT1H", "PT3H", "PT24M", "P2D", "", "weekly"].map(
    (duration): MalformedPolicy => [
      `a frequency of '${duration}'`,
      policyJson({ intervals: [`R/2021-08-15T06:30:00Z/${duration}`] }),
      one(unsupported, interval),
    ],
  ),
  [
    "two frequencies",
    policyJson({ intervals: ["R/2021-08-15T06:30:00Z/P1W", "R/2021-08-15T06:30:00Z/P1D"] }),
    one(unsupported, `${trigger}.schedule.repeatingTimeIntervals[1]`),
  ],
  [
    "two hourly intervals",
    policyJson({ intervals: ["R/2021-08-15T06:30:00Z/PT4H", "R/2021-08-15T07:30:00Z/PT4H"] }),
    one(unsupported, `${trigger}.schedule.repeatingTimeIntervals[1]`),
  ],
  [
    "one weekday and time twice",
    policyJson({ intervals: ["R/2021-08-15T06:30:00Z/P1W", "R/2021-08-22T06:30:00+00:00/P1W"] }),
    one(invalid, `${trigger}.schedule.repeatingTimeIntervals[1]`),
  ],
];

const weekly = retentionRule("Weekly", lifecycle("P12W"));
const withTags = (...criteria: Loose[]) => policyJson({ tags: criteria, rules: [weekly] });
const weeklyBy = (criterion: Loose) => withTags(tag("Weekly", 20, criterion));
const criterion = `${tags}[1].criteria[0]`;
const firstOfWeek = absolute("FirstOfWeek");

const tagging: readonly MalformedPolicy[] = [
  ["no tags", bent((_p, b) => delete b.trigger.taggingCriteria), one(invalid, tags)],
  [
    "tags no array",
    bent((_p, b) => (b.trigger.taggingCriteria = { tagInfo: {} })),
    one(invalid, tags),
  ],
  ["a tag that is a text", withTags("Weekly"), one(invalid, `${tags}[1]`)],
  [
    "no default tag",
    bent((_p, b) => (b.trigger.taggingCriteria = [tag("Weekly", 20, firstOfWeek)])),
    [
      [invalid, tags],
      [invalid, `${tags}[0].tagInfo.tagName`],
    ],
  ],
  [
    "two default tags",
    withTags({ ...tag("Weekly", 20), isDefault: true }),
    [
      [invalid, `${tags}[1].isDefault`],
      [invalid, `${tags}[1].tagInfo.tagName`],
    ],
  ],
  [
    "a tag without retention rule",
    policyJson({ tags: [tag("Monthly", 15, absolute("FirstOfMonth"))] }),
    one(invalid, `${tags}[1].tagInfo.tagName`),
  ],
  [
    "a tag twice",
    withTags(tag("Weekly", 20, firstOfWeek), tag("WEEKLY", 21, firstOfWeek)),
    one(invalid, `${tags}[2].tagInfo.tagName`),
  ],
  [
    "a priority twice",
    withTags(tag("Weekly", 99, firstOfWeek)),
    one(invalid, `${tags}[1].taggingPriority`),
  ],
  [
    "a priority of zero",
    withTags(tag("Weekly", 0, firstOfWeek)),
    one(invalid, `${tags}[1].taggingPriority`),
  ],
  [
    "a fractional priority",
    withTags(tag("Weekly", 1.5, firstOfWeek)),
    one(invalid, `${tags}[1].taggingPriority`),
  ],
  [
    "a priority as text",
    withTags({ ...tag("Weekly", 20, firstOfWeek), taggingPriority: "20" }),
    one(invalid, `${tags}[1].taggingPriority`),
  ],
  [
    "no tag name",
    withTags({ ...tag("Weekly", 20, firstOfWeek), tagInfo: {} }),
    one(invalid, `${tags}[1].tagInfo.tagName`),
  ],
  [
    "no isDefault",
    withTags({ ...tag("Weekly", 20, firstOfWeek), isDefault: undefined }),
    one(invalid, `${tags}[1].isDefault`),
  ],
  ["a tag without criteria", withTags(tag("Weekly", 20)), one(invalid, `${tags}[1].criteria`)],
  [
    "a default tag with criteria",
    bent((_p, b) => (b.trigger.taggingCriteria[0].criteria = [firstOfWeek])),
    one(invalid, `${tags}[0].criteria`),
  ],
  ["a criterion that is a text", weeklyBy("FirstOfWeek"), one(invalid, criterion)],
  [
    "a criterion of a foreign type",
    weeklyBy({ ...firstOfWeek, objectType: "X" }),
    one(invalid, `${criterion}.objectType`),
  ],
  [
    "an empty criterion",
    weeklyBy(generic({ daysOfTheWeek: null, monthsOfYear: [] })),
    one(invalid, criterion),
  ],
  [
    "an unknown marker",
    weeklyBy(absolute("FirstOfDecade")),
    one(invalid, `${criterion}.absoluteCriteria[0]`),
  ],
  [
    "a marker twice",
    weeklyBy(absolute("FirstOfWeek", "firstofweek")),
    one(invalid, `${criterion}.absoluteCriteria[1]`),
  ],
  [
    "absolute and generic at once",
    weeklyBy({ ...firstOfWeek, daysOfTheWeek: ["Sunday"] }),
    one(unsupported, criterion),
  ],
  [
    "an unknown weekday",
    weeklyBy(generic({ daysOfTheWeek: ["Caturday"] })),
    one(invalid, `${criterion}.daysOfTheWeek[0]`),
  ],
  [
    "weekdays no array",
    weeklyBy(generic({ daysOfTheWeek: "Sunday" })),
    one(invalid, `${criterion}.daysOfTheWeek`),
  ],
  [
    "a fifth week",
    weeklyBy(generic({ weeksOfTheMonth: ["Fifth"] })),
    one(invalid, `${criterion}.weeksOfTheMonth[0]`),
  ],
  [
    "an unknown month",
    weeklyBy(generic({ monthsOfYear: ["Smarch"] })),
    one(invalid, `${criterion}.monthsOfYear[0]`),
  ],
  [
    "the 29th",
    weeklyBy(generic({ daysOfMonth: [{ date: 29, isLast: false }] })),
    one(invalid, `${criterion}.daysOfMonth[0].date`),
  ],
  [
    "the 0th",
    weeklyBy(generic({ daysOfMonth: [{ date: 0 }] })),
    one(invalid, `${criterion}.daysOfMonth[0].date`),
  ],
  [
    "a day twice",
    weeklyBy(generic({ daysOfMonth: [{ date: 3 }, { date: 3 }] })),
    one(invalid, `${criterion}.daysOfMonth[1]`),
  ],
  [
    "a bare day",
    weeklyBy(generic({ daysOfMonth: [15] })),
    one(invalid, `${criterion}.daysOfMonth[0]`),
  ],
  [
    "isLast as text",
    weeklyBy(generic({ daysOfMonth: [{ isLast: "true" }] })),
    one(invalid, `${criterion}.daysOfMonth[0].isLast`),
  ],
  [
    "day of month with weekday",
    weeklyBy(generic({ daysOfMonth: [{ date: 1 }], daysOfTheWeek: ["Sunday"] })),
    one(unsupported, criterion),
  ],
  [
    "a schedule time without date",
    weeklyBy(generic({ scheduleTimes: ["06:30"] })),
    one(invalid, `${criterion}.scheduleTimes[0]`),
  ],
];

const kept = (...lifecycles: Loose[]) => bent((p) => (p.policyRules[1].lifecycles = lifecycles));
const lifecycles = `${rules}[1].lifecycles`;
const duration = (index: number) => `${lifecycles}[${index}].deleteAfter.duration`;
const copies = `${lifecycles}[0].targetDataStoreCopySettings`;
const onExpiry = [copyToArchive("CopyOnExpiryOption")];

const retention: readonly MalformedPolicy[] = [
  [
    "no retention rule name",
    bent((_p, _b, d) => delete d.name),
    [
      [invalid, `${rules}[1].name`],
      [invalid, `${tags}[0].tagInfo.tagName`],
    ],
  ],
  [
    "isDefault as text",
    bent((p) => p.policyRules.push({ ...weekly, isDefault: "no" })),
    one(invalid, `${rules}[2].isDefault`),
  ],
  [
    "no default rule",
    bent((_p, _b, d) => (d.isDefault = false)),
    [
      [invalid, rules],
      [invalid, `${tags}[0].tagInfo.tagName`],
    ],
  ],
  [
    "two default rules",
    bent((p) => p.policyRules.push({ ...weekly, isDefault: true })),
    one(invalid, `${rules}[2].isDefault`),
  ],
  ["no lifecycles", kept(), one(invalid, lifecycles)],
  [
    "lifecycles no array",
    bent((_p, _b, d) => (d.lifecycles = lifecycle("P3M"))),
    one(invalid, lifecycles),
  ],
  ["a lifecycle that is a text", kept("P3M"), one(invalid, `${lifecycles}[0]`)],
  [
    "no data store",
    kept({ ...lifecycle("P3M"), sourceDataStore: null }),
    one(invalid, `${lifecycles}[0].sourceDataStore`),
  ],
  [
    "the archive first",
    kept(lifecycle("P1Y", archiveStore)),
    one(unsupported, `${lifecycles}[0].sourceDataStore.dataStoreType`),
  ],
  [
    "the operational store",
    kept(lifecycle("P7D", { dataStoreType: "OperationalStore" })),
    one(unsupported, `${lifecycles}[0].sourceDataStore.dataStoreType`),
  ],
  [
    "no deleteAfter",
    kept({ ...lifecycle("P3M"), deleteAfter: undefined }),
    one(invalid, `${lifecycles}[0].deleteAfter`),
  ],
  [
    "foreign deleteAfter",
    kept({ ...lifecycle("P3M"), deleteAfter: { objectType: "X", duration: "P3M" } }),
    one(invalid, `${lifecycles}[0].deleteAfter.objectType`),
  ],
  ...[
    "3M",
    "P",
    "P3",
    "-P3M",
    "PT2160H",
    "P7DT0H",
    "P1.5M",
    "P0D",
    "P6D",
    "P11Y",
    "P121M",
    "P3654D",
    "P522W",
    "",
  ].map(
    (text): MalformedPolicy => [
      `a vault retention of '${text}'`,
      kept(lifecycle(text)),
      one(invalid, duration(0)),
    ],
  ),
  [
    "a retention as number",
    bent((_p, _b, d) => (d.lifecycles[0].deleteAfter.duration = 90)),
    one(invalid, duration(0)),
  ],
  ...["P5M", "P179D", "P25W", "P11Y"].map(
    (text): MalformedPolicy => [
      `an archive retention of '${text}'`,
      kept(lifecycle("P6M", vaultStore, onExpiry), lifecycle(text, archiveStore)),
      one(invalid, duration(1)),
    ],
  ),
  [
    "archive copy without end",
    kept(lifecycle("P6M", vaultStore, onExpiry)),
    one(invalid, lifecycles),
  ],
  [
    "archive without copy",
    kept(lifecycle("P6M"), lifecycle("P1Y", archiveStore)),
    one(invalid, copies),
  ],
  [
    "three lifecycles",
    kept(lifecycle("P6M", vaultStore, onExpiry), lifecycle("P1Y", archiveStore), lifecycle("P1Y")),
    one(invalid, `${lifecycles}[2]`),
  ],
  [
    "two vault lifecycles",
    kept(lifecycle("P6M", vaultStore, onExpiry), lifecycle("P1Y")),
    one(unsupported, `${lifecycles}[1].sourceDataStore.dataStoreType`),
  ],
  [
    "a copy out of the archive",
    kept(lifecycle("P6M", vaultStore, onExpiry), lifecycle("P1Y", archiveStore, onExpiry)),
    one(unsupported, `${lifecycles}[1].targetDataStoreCopySettings[0]`),
  ],
  [
    "two copies",
    kept(lifecycle("P6M", vaultStore, [...onExpiry, ...onExpiry]), lifecycle("P1Y", archiveStore)),
    one(unsupported, `${copies}[1]`),
  ],
  [
    "a copy into the vault",
    kept(
      lifecycle("P6M", vaultStore, [{ ...onExpiry[0], dataStore: vaultStore }]),
      lifecycle("P1Y", archiveStore),
    ),
    one(unsupported, `${copies}[0].dataStore.dataStoreType`),
  ],
  [
    "a copy without option",
    kept(
      lifecycle("P6M", vaultStore, [{ dataStore: archiveStore }]),
      lifecycle("P1Y", archiveStore),
    ),
    one(invalid, `${copies}[0].copyAfter`),
  ],
  [
    "an unknown copy option",
    kept(lifecycle("P6M", vaultStore, [copyToArchive("Later")]), lifecycle("P1Y", archiveStore)),
    one(invalid, `${copies}[0].copyAfter.objectType`),
  ],
  [
    "a custom copy without duration",
    kept(
      lifecycle("P6M", vaultStore, [copyToArchive("CustomCopyOption")]),
      lifecycle("P1Y", archiveStore),
    ),
    one(invalid, `${copies}[0].copyAfter.duration`),
  ],
  [
    "a copy after the vault's end",
    kept(
      lifecycle("P6M", vaultStore, [copyToArchive("CustomCopyOption", "P7M")]),
      lifecycle("P1Y", archiveStore),
    ),
    one(unsupported, copies),
  ],
  [
    "an archive that ends before the vault",
    kept(
      lifecycle("P2Y", vaultStore, [copyToArchive("ImmediateCopyOption")]),
      lifecycle("P1Y", archiveStore),
    ),
    one(unsupported, duration(1)),
  ],
];

export const malformedPolicies: readonly MalformedPolicy[] = [
  ...document,
  ...backupRules,
  ...tagging,
  ...retention,
];
