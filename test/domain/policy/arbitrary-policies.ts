import fc from "fast-check";
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

/** Northern and southern clock changes, half-hour ones, changes at midnight, and none. */
export const zones = [
  undefined,
  "UTC",
  "India Standard Time",
  "Pacific Standard Time",
  "W. Europe Standard Time",
  "AUS Eastern Standard Time",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Scoresbysund",
  "Africa/Cairo",
  "America/Santiago",
  "Asia/Kathmandu",
];

const two = (value: number) => String(value).padStart(2, "0");

/** Times of day lean to the hours in which clocks change. */
const timeOfDay = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(0, 1, 2, 3, 23), fc.constantFrom(0, 15, 30, 59)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })),
  },
);

const startOf = (dayOfJanuary: number, [hour, minute]: [number, number]) =>
  `2020-01-${two(dayOfJanuary)}T${two(hour)}:${two(minute)}:00+00:00`;

const intervals: fc.Arbitrary<string[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 7 }), timeOfDay), {
        minLength: 1,
        maxLength: 7,
        selector: ([date, time]) => `${date} ${time.join(":")}`,
      })
      .map((starts) => starts.map(([date, time]) => `R/${startOf(date, time)}/P1W`)),
  },
  {
    weight: 3,
    arbitrary: fc
      .uniqueArray(timeOfDay, { minLength: 1, maxLength: 5, selector: (time) => time.join(":") })
      .map((times) => times.map((time) => `R/${startOf(3, time)}/P1D`)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("PT4H", "PT6H", "PT8H", "PT12H"), timeOfDay)
      .map(([every, time]) => [`R/${startOf(3, time)}/${every}`]),
  },
);

const vaultDurations = ["P7D", "P10D", "P5W", "P1M", "P3M", "P7M", "P1Y", "P3Y"];
const archiveDurations = ["P6M", "P200D", "P4Y"];

const lifecycles: fc.Arbitrary<Loose[]> = fc.oneof(
  fc.constantFrom(...vaultDurations).map((duration) => [lifecycle(duration)]),
  fc
    .tuple(
      fc.constantFrom("P7D", "P1M", "P3M"),
      fc.constantFrom(...archiveDurations),
      fc.constantFrom(
        copyToArchive("CopyOnExpiryOption"),
        copyToArchive("ImmediateCopyOption"),
        copyToArchive("CustomCopyOption", "P5D"),
      ),
    )
    .map(([vault, archive, copy]) => [
      lifecycle(vault, vaultStore, [copy]),
      lifecycle(archive, archiveStore),
    ]),
);

const criterion: fc.Arbitrary<Loose> = fc.oneof(
  fc
    .constantFrom("FirstOfWeek", "FirstOfDay", "FirstOfWeek", "FirstOfMonth", "FirstOfYear")
    .map((marker) => absolute(marker)),
  fc
    .tuple(
      fc.subarray(["Sunday", "Monday", "Wednesday", "Saturday"], { minLength: 1 }),
      fc.subarray(["First", "Second", "Third", "Fourth", "Last"]),
      fc.subarray(["January", "May", "October"]),
    )
    .map(([daysOfTheWeek, weeksOfTheMonth, monthsOfYear]) =>
      generic({ daysOfTheWeek, weeksOfTheMonth, monthsOfYear }),
    ),
  fc
    .uniqueArray(fc.integer({ min: 1, max: 29 }), { minLength: 1, maxLength: 4 })
    .map((days) =>
      generic({ daysOfMonth: days.map((date) => (date === 29 ? { isLast: true } : { date })) }),
    ),
);

/** ARM JSON of a valid policy. */
export const policies: fc.Arbitrary<Loose> = fc
  .record({
    intervals,
    timeZone: fc.constantFrom(...zones),
    names: fc.subarray(["Yearly", "Monthly", "Weekly", "Daily", "Legal"], { minLength: 1 }),
    priorities: fc.shuffledSubarray([5, 10, 15, 20, 25, 120], { minLength: 5, maxLength: 5 }),
    criteria: fc.array(fc.array(criterion, { minLength: 1, maxLength: 2 }), {
      minLength: 5,
      maxLength: 5,
    }),
    rules: fc.array(lifecycles, { minLength: 6, maxLength: 6 }),
  })
  .map((parts) => {
    const json = policyJson({
      intervals: parts.intervals,
      timeZone: parts.timeZone,
      tags: parts.names.map((name, index) =>
        tag(name, parts.priorities[index]!, ...parts.criteria[index]!),
      ),
      rules: parts.names.map((name, index) => retentionRule(name, ...parts.rules[index]!)),
    });
    json.policyRules[1].lifecycles = parts.rules[5];
    return json;
  });
