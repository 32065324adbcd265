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
  wordsOf,
} from "./json-place.ts";
import { parseWallClock } from "./parse-repeating-interval.ts";
import {
  absoluteMarkers,
  type BackupCriterion,
  type DayOfMonth,
  daysOfTheWeek,
  defaultTagName,
  isSameName,
  monthsOfYear,
  type Schedule,
  type TaggingCriterion,
  weeksOfTheMonth,
} from "./policy.ts";
import type { IanaName } from "./time-zone.ts";

const maxTags = 50;
const maxCriteriaPerTag = 20;
const maxScheduleTimes = 168;
/** 28 days and the last one. */
const maxDaysOfMonth = 29;

/** Reads `trigger.taggingCriteria`; items that cannot be understood are left out, problems noted. */
export function parseTaggingCriteria(
  place: JsonPlace,
  timeZone: IanaName,
  schedule: Pick<Schedule, "timeZoneName"> | undefined,
): readonly TaggingCriterion[] {
  const zoneSent = schedule?.timeZoneName === undefined ? undefined : timeZone;
  const items = itemsOf(place, maxTags);
  const tags = items.map((item) => parseTag(item, zoneSent));
  checkTags(place, items, tags);
  return tags.flatMap((tag) => (tag === undefined ? [] : [tag]));
}

function parseTag(place: JsonPlace, timeZone: IanaName | undefined): TaggingCriterion | undefined {
  if (!isObject(place, "a tagging criterion with tagInfo and taggingPriority")) return undefined;
  const tagName = textOf(fieldOf(fieldOf(place, "tagInfo"), "tagName"), "the name of a tag");
  const isDefault = parseFlag(fieldOf(place, "isDefault"));
  const taggingPriority = parsePriority(fieldOf(place, "taggingPriority"));
  const list = fieldOf(place, "criteria");
  const items = itemsOf(list, maxCriteriaPerTag);
  const criteria = items.map((item) => parseCriterion(item, timeZone));
  if (isDefault === true && items.length > 0)
    report(list, "no criteria, because the default tag takes what no other tag took");
  if (isDefault === false && items.length === 0 && (!hasValue(list) || Array.isArray(list.value)))
    report(list, "at least one ScheduleBasedBackupCriteria");
  if (tagName === undefined || isDefault === undefined || taggingPriority === undefined)
    return undefined;
  return { tagName, isDefault, taggingPriority, criteria: criteria.filter(isUnderstood) };
}

/** Exactly one default tag, unique names, unique priorities. */
function checkTags(
  place: JsonPlace,
  items: readonly JsonPlace[],
  tags: readonly (TaggingCriterion | undefined)[],
): void {
  const defaults = items.filter((item) => fieldOf(item, "isDefault").value === true);
  if (defaults.length === 0 && (!hasValue(place) || Array.isArray(place.value)))
    report(place, "exactly one tag with isDefault true");
  for (const extra of defaults.slice(1))
    report(fieldOf(extra, "isDefault"), "exactly one tag with isDefault true");
  tags.forEach((tag, index) => {
    const item = items[index];
    if (tag === undefined || item === undefined) return;
    const earlier = tags.slice(0, index).filter(isUnderstood);
    if (earlier.some((other) => isSameName(other.tagName, tag.tagName)))
      report(fieldOf(fieldOf(item, "tagInfo"), "tagName"), "each tag once");
    if (earlier.some((other) => other.taggingPriority === tag.taggingPriority))
      report(fieldOf(item, "taggingPriority"), "a priority that no other tag of the policy has");
    if (!tag.isDefault && isSameName(tag.tagName, defaultTagName))
      report(fieldOf(item, "isDefault"), "true for the tag named Default");
  });
}

function parseFlag(place: JsonPlace): boolean | undefined {
  return typeof place.value === "boolean" ? place.value : report(place, "true or false");
}

function parsePriority(place: JsonPlace): number | undefined {
  const { value } = place;
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0
    ? value
    : report(place, "a whole number from 1 on; the lowest number wins");
}

function parseCriterion(
  place: JsonPlace,
  timeZone: IanaName | undefined,
): BackupCriterion | undefined {
  if (!isObject(place, "a ScheduleBasedBackupCriteria")) return undefined;
  isObjectType(place, ["ScheduleBasedBackupCriteria"], "optional");
  const markers = wordsOf(fieldOf(place, "absoluteCriteria"), absoluteMarkers);
  const generic = {
    daysOfMonth: parseDaysOfMonth(fieldOf(place, "daysOfMonth")),
    daysOfTheWeek: wordsOf(fieldOf(place, "daysOfTheWeek"), daysOfTheWeek),
    weeksOfTheMonth: wordsOf(fieldOf(place, "weeksOfTheMonth"), weeksOfTheMonth),
    monthsOfYear: wordsOf(fieldOf(place, "monthsOfYear"), monthsOfYear),
    scheduleTimes: parseScheduleTimes(fieldOf(place, "scheduleTimes"), timeZone),
  };
  const sent = ["absoluteCriteria", ...Object.keys(generic)].filter((name) =>
    isFilled(fieldOf(place, name).value),
  );
  if (sent.length === 0) return report(place, "absoluteCriteria or one of the generic criteria");
  if (sent[0] === "absoluteCriteria") {
    if (sent.length === 1) return { kind: "absolute", markers };
    return report(place, "absoluteCriteria or generic criteria, not both", notSupported);
  }
  const isByDate = sent.includes("daysOfMonth");
  if (isByDate && (sent.includes("daysOfTheWeek") || sent.includes("weeksOfTheMonth")))
    return report(place, "daysOfMonth or days and weeks, not both", notSupported);
  return { kind: "generic", ...generic };
}

const isFilled = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);

function parseDaysOfMonth(place: JsonPlace): readonly DayOfMonth[] {
  const days: DayOfMonth[] = [];
  for (const item of itemsOf(place, maxDaysOfMonth)) {
    const day = parseDayOfMonth(item);
    if (day !== undefined && days.includes(day)) report(item, "each day once");
    else if (day !== undefined) days.push(day);
  }
  return days;
}

/** `{isLast: true}` wins over a date beside it: some clients send `date: 0` with it. */
function parseDayOfMonth(place: JsonPlace): DayOfMonth | undefined {
  const expectation = "{date} from 1 to 28, or {isLast: true}";
  if (!isObject(place, expectation)) return undefined;
  const isLast = fieldOf(place, "isLast");
  const date = fieldOf(place, "date");
  if (hasValue(isLast) && typeof isLast.value !== "boolean") return report(isLast, "true or false");
  if (isLast.value === true) return "Last";
  const { value } = date;
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 28
    ? value
    : report(date, `a day of the month: ${expectation}`);
}

function parseScheduleTimes(place: JsonPlace, timeZone: IanaName | undefined): readonly string[] {
  const times = itemsOf(place, maxScheduleTimes).map((item) => {
    const expectation = "a date-time such as 2021-08-15T06:30:00Z, whose time of day counts";
    const text = textOf(item, expectation);
    const clock = text === undefined ? undefined : parseWallClock(text, timeZone);
    if (clock !== undefined) return [clock.hour, clock.minute, clock.second].map(pad).join(":");
    return text === undefined ? undefined : report(item, expectation);
  });
  return [...new Set(times.filter(isUnderstood))];
}

const pad = (value: number): string => String(value).padStart(2, "0");

const isUnderstood = <T>(value: T | undefined): value is T => value !== undefined;
