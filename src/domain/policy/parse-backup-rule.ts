import {
  fieldOf,
  hasValue,
  isObject,
  isObjectType,
  itemsOf,
  type JsonPlace,
  notSupported,
  report,
  textOf,
  wordOf,
} from "./json-place.ts";
import { isSameInterval, parseRepeatingInterval } from "./parse-repeating-interval.ts";
import { parseTaggingCriteria } from "./parse-tagging-criteria.ts";
import type { BackupRule, RepeatingInterval, Schedule, TaggingCriterion } from "./policy.ts";
import { type IanaName, resolveTimeZone, timeZoneExpectation } from "./time-zone.ts";

/** Every hour of the week: more intervals than that cannot differ usefully. */
const maxIntervals = 168;

/** Reads an `AzureBackupRule`; undefined if it cannot be understood, its problems noted. */
export function parseBackupRule(place: JsonPlace): BackupRule | undefined {
  const name = textOf(fieldOf(place, "name"), "a rule name such as BackupWeekly");
  checkBackupParameters(fieldOf(place, "backupParameters"));
  checkDataStore(fieldOf(place, "dataStore"));
  const trigger = parseTrigger(fieldOf(place, "trigger"));
  if (name === undefined || trigger === undefined) return undefined;
  return { name, backupType: "Full", dataStoreType: "VaultStore", ...trigger };
}

function checkBackupParameters(place: JsonPlace): void {
  if (!hasValue(place) || !isObject(place, "AzureBackupParams")) return;
  isObjectType(place, ["AzureBackupParams"], "optional");
  wordOf(fieldOf(place, "backupType"), ["Full"], notSupported);
}

function checkDataStore(place: JsonPlace): void {
  if (!isObject(place, "a DataStoreInfoBase with dataStoreType VaultStore")) return;
  isObjectType(place, ["DataStoreInfoBase"], "optional");
  wordOf(fieldOf(place, "dataStoreType"), ["VaultStore"], notSupported);
}

function parseTrigger(
  place: JsonPlace,
): { schedule: Schedule; taggingCriteria: readonly TaggingCriterion[] } | undefined {
  if (!isObject(place, "a ScheduleBasedTriggerContext")) return undefined;
  const objectType = fieldOf(place, "objectType");
  if (wordOf(objectType, ["ScheduleBasedTriggerContext"], notSupported) === undefined)
    return undefined;
  const schedule = parseSchedule(fieldOf(place, "schedule"));
  const tags = fieldOf(place, "taggingCriteria");
  const taggingCriteria = parseTaggingCriteria(tags, schedule?.timeZone ?? "UTC", schedule);
  return schedule === undefined ? undefined : { schedule, taggingCriteria };
}

function parseSchedule(place: JsonPlace): Schedule | undefined {
  if (!isObject(place, "a schedule with repeatingTimeIntervals")) return undefined;
  const zone = parseTimeZone(fieldOf(place, "timeZone"));
  const intervals = parseIntervals(fieldOf(place, "repeatingTimeIntervals"), zone);
  if (zone === undefined || intervals === undefined) return undefined;
  const { name: timeZoneName, timeZone } = zone;
  return { ...(timeZoneName === undefined ? {} : { timeZoneName }), timeZone, intervals };
}

interface SentTimeZone {
  readonly name?: string;
  readonly timeZone: IanaName;
}

function parseTimeZone(place: JsonPlace): SentTimeZone | undefined {
  if (!hasValue(place)) return { timeZone: "UTC" };
  const name = textOf(place, timeZoneExpectation);
  if (name === undefined) return undefined;
  const zone = resolveTimeZone(name);
  return zone.ok ? { name, timeZone: zone.value } : report(place, zone.error);
}

function parseIntervals(
  place: JsonPlace,
  zone: SentTimeZone | undefined,
): readonly RepeatingInterval[] | undefined {
  const items = itemsOf(place, maxIntervals);
  if (items.length === 0 && (!hasValue(place) || Array.isArray(place.value)))
    return report(place, "at least one interval such as R/2021-08-15T06:30:00+00:00/P1W");
  const intervals: RepeatingInterval[] = [];
  for (const item of items) {
    const interval = parseRepeatingInterval(
      item,
      zone?.name === undefined ? undefined : zone.timeZone,
    );
    const first = intervals[0];
    if (interval === undefined) continue;
    if (first !== undefined && first.frequency !== interval.frequency)
      report(item, `the frequency of the first interval, ${first.frequency}`, notSupported);
    else if (first?.frequency.startsWith("PT"))
      report(
        item,
        "a single interval, because an hourly one repeats round the clock",
        notSupported,
      );
    else if (intervals.some((other) => isSameInterval(other, interval)))
      report(item, "each day and time once");
    else intervals.push(interval);
  }
  return intervals.length === 0 ? undefined : intervals;
}
