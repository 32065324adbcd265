/**
 * Brute force, written without the engine: reads the ARM JSON itself, knows time zones through
 * Intl.DateTimeFormat only, walks the wall clock minute by minute, and rescans everything that
 * ever happened for each decision. Slow, obvious, and sharing no code with src/domain/policy.
 */
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

interface Span {
  from: number;
  /** Offset from UTC in ms from `from` until the next span. */
  offset: number;
}

const spansByZone = new Map<string, Span[]>();
export const oracleFrom = Date.UTC(2019, 11, 1);
export const oracleTo = Date.UTC(2032, 0, 1);

/** Offsets of a zone, sampled hour by hour; where two hours differ, minute by minute. */
function spansOf(zone: string): Span[] {
  const known = spansByZone.get(zone);
  if (known !== undefined) return known;
  const offsetAt = offsetReader(zone);
  const spans: Span[] = [{ from: oracleFrom, offset: offsetAt(oracleFrom) }];
  for (let t = oracleFrom; t < oracleTo; t += 6 * hour) {
    let last = spans[spans.length - 1]!.offset;
    if (offsetAt(t + 6 * hour) === last) continue;
    for (let m = t; m <= t + 6 * hour; m += minute) {
      const offset = offsetAt(m);
      if (offset !== last) spans.push({ from: m, offset });
      last = offset;
    }
  }
  spansByZone.set(zone, spans);
  return spans;
}

function offsetReader(timeZone: string): (t: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (t) => {
    const part = Object.fromEntries(format.formatToParts(t).map((p) => [p.type, Number(p.value)]));
    const local = Date.UTC(
      part["year"]!,
      part["month"]! - 1,
      part["day"],
      part["hour"],
      part["minute"],
      part["second"],
    );
    return local - t;
  };
}

const offsetOf = (zone: string, t: number): number =>
  spansOf(zone).findLast((span) => span.from <= t)!.offset;

/** The wall clock at an instant, as a Date whose UTC fields are the local ones. */
const localOf = (zone: string, t: number): Date => new Date(t + offsetOf(zone, t));

interface Nominal {
  /** Local minutes since 1970 of the start. */
  start: number;
  /** Minutes between two nominal times: every one of them is on the wall clock. */
  every: number;
}

const everyMinutes: Record<string, number> = {
  P1W: 10_080,
  P1D: 1_440,
  PT12H: 720,
  PT8H: 480,
  PT6H: 360,
  PT4H: 240,
};

/** Only the form that the tests generate: `R/yyyy-mm-ddThh:mm:ss+00:00/<frequency>`. */
function nominalOf(interval: string): Nominal {
  const [, start, frequency] = interval.split("/");
  return {
    start: Date.parse(`${start!.slice(0, 19)}Z`) / minute,
    every: everyMinutes[frequency!]!,
  };
}

/** Every due instant in [from, to), by looking at every minute that the wall clock shows or skips. */
export function oracleDue(intervals: string[], zone: string, from: number, to: number): number[] {
  const nominals = intervals.map(nominalOf);
  const isDue = (local: number) =>
    nominals.some(({ start, every }) => local >= start && (local - start) % every === 0);
  const due = new Set<number>();
  const spans = spansOf(zone);
  let index = 0;
  let shown = Number.NEGATIVE_INFINITY;
  for (let t = from - 2 * day; t < to; t += minute) {
    while (index + 1 < spans.length && spans[index + 1]!.from <= t) index += 1;
    const local = (t + spans[index]!.offset) / minute;
    // The clock jumped: what it skipped happens as much later as it jumped.
    for (let skipped = shown + 1; Number.isFinite(shown) && skipped < local; skipped += 1)
      if (isDue(skipped)) due.add(t + (skipped - shown - 1) * minute);
    // The clock went back: what it shows again has been.
    if (local > shown && isDue(local)) due.add(t);
    shown = Math.max(shown, local);
  }
  return [...due].filter((t) => t >= from && t < to).sort((a, b) => a - b);
}

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

export interface OraclePoint {
  dueAt: number;
  completedAt: number;
  tagName: string;
  vaultEnd: number;
  copyAt?: number;
  option?: string;
  end: number;
  inVault: boolean;
  inArchive: boolean;
  goneAt?: number;
}

const tagsOf = (policy: Json): Json[] => policy.policyRules[0].trigger.taggingCriteria;
const zoneNames: Record<string, string> = {
  "India Standard Time": "Asia/Kolkata",
  "Pacific Standard Time": "America/Los_Angeles",
  "W. Europe Standard Time": "Europe/Berlin",
  "AUS Eastern Standard Time": "Australia/Sydney",
};
export const oracleZone = (policy: Json): string => {
  const name: string = policy.policyRules[0].trigger.schedule.timeZone ?? "UTC";
  return zoneNames[name] ?? name;
};

/** Scans every earlier point: a period is open for a tag until a point in it has that tag or better. */
export function oracleTag(policy: Json, dueAt: number, earlier: readonly OraclePoint[]): string {
  const zone = oracleZone(policy);
  const rank = (name: string): number => {
    const found = tagsOf(policy).find((tag: Json) => tag.tagInfo.tagName === name);
    return found === undefined || found.isDefault
      ? Number.POSITIVE_INFINITY
      : found.taggingPriority;
  };
  const candidates = tagsOf(policy).filter((tag: Json) => !tag.isDefault);
  const won = candidates.filter((tag: Json) =>
    tag.criteria.some((criterion: Json) => {
      const marker: string | undefined = criterion.absoluteCriteria?.[0];
      if (marker === undefined) return meetsGeneric(criterion, zone, dueAt);
      if (marker === "AllBackup") return true;
      return !earlier.some(
        (point) =>
          rank(point.tagName) <= tag.taggingPriority &&
          isSamePeriod(marker, localOf(zone, point.dueAt), localOf(zone, dueAt)),
      );
    }),
  );
  won.sort((a: Json, b: Json) => a.taggingPriority - b.taggingPriority);
  return won[0]?.tagInfo.tagName ?? "Default";
}

/** Walks back day by day from each of the two until the period opens, and compares where it ends. */
function isSamePeriod(marker: string, a: Date, b: Date): boolean {
  const opens: Record<string, (d: Date) => boolean> = {
    FirstOfDay: () => true,
    FirstOfWeek: (d) => d.getUTCDay() === 0,
    FirstOfMonth: (d) => d.getUTCDate() === 1,
    FirstOfYear: (d) => d.getUTCDate() === 1 && d.getUTCMonth() === 0,
  };
  const opening = (date: Date): number => {
    let d = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
    while (!opens[marker]!(d)) d = new Date(d.getTime() - day);
    return d.getTime();
  };
  return opening(a) === opening(b);
}

function meetsGeneric(criterion: Json, zone: string, dueAt: number): boolean {
  const local = localOf(zone, dueAt);
  const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
  const months = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
  ];
  // Counts this weekday's occurrences in the month before and after the day itself.
  const isSameMonth = (weeks: number) =>
    new Date(local.getTime() + weeks * 7 * day).getUTCMonth() === local.getUTCMonth();
  let nth = 0;
  while (isSameMonth(-(nth + 1))) nth += 1;
  const weeks = [
    ["First", "Second", "Third", "Fourth", "(fifth)"][nth],
    ...(isSameMonth(1) ? [] : ["Last"]),
  ];
  const isLastDay = new Date(local.getTime() + day).getUTCDate() === 1;
  const holds = (list: Json[] | undefined, test: (wanted: Json) => boolean) =>
    list === undefined || list.length === 0 || list.some(test);
  return (
    holds(criterion.daysOfTheWeek, (wanted) => wanted === weekdays[local.getUTCDay()]) &&
    holds(criterion.weeksOfTheMonth, (wanted) => weeks.includes(wanted)) &&
    holds(criterion.monthsOfYear, (wanted) => wanted === months[local.getUTCMonth()]) &&
    holds(criterion.daysOfMonth, (wanted) =>
      wanted.isLast ? isLastDay : wanted.date === local.getUTCDate(),
    )
  );
}

/** `P<n>D|W|M|Y` after an instant, on UTC's calendar, the day cut to the month's length. */
function after(t: number, duration: string): number {
  const count = Number(duration.slice(1, -1));
  const unit = duration.at(-1);
  if (unit === "D") return t + count * day;
  if (unit === "W") return t + count * 7 * day;
  const d = new Date(t);
  const month = d.getUTCMonth() + count * (unit === "Y" ? 12 : 1);
  const lastOfMonth = new Date(Date.UTC(d.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const date = Math.min(d.getUTCDate(), lastOfMonth);
  return Date.UTC(d.getUTCFullYear(), month, date) + (t % day);
}

export function oraclePoint(
  policy: Json,
  dueAt: number,
  completedAt: number,
  earlier: readonly OraclePoint[],
): OraclePoint {
  const tagName = oracleTag(policy, dueAt, earlier);
  const rule = policy.policyRules.find(
    (r: Json) => r.objectType === "AzureRetentionRule" && r.name === tagName,
  );
  const [vault, archive] = rule.lifecycles;
  const vaultEnd = after(completedAt, vault.deleteAfter.duration);
  const point = {
    dueAt,
    completedAt,
    tagName,
    vaultEnd,
    end: vaultEnd,
    inVault: true,
    inArchive: false,
  };
  if (archive === undefined) return point;
  const { objectType: option, duration } = vault.targetDataStoreCopySettings[0].copyAfter;
  let copyAt = option === "CopyOnExpiryOption" ? vaultEnd : completedAt;
  if (option === "CustomCopyOption") copyAt = Math.min(after(completedAt, duration), vaultEnd);
  const end = Math.max(after(copyAt, archive.deleteAfter.duration), vaultEnd);
  return { ...point, option, copyAt, end };
}

/** What one look at all living points does, `held` meaning that protection is stopped. */
export function oracleLifecycle(points: readonly OraclePoint[], now: number, held: boolean): void {
  if (held) return;
  const alive = points.filter((point) => point.goneAt === undefined);
  const newest = alive.reduce<OraclePoint | undefined>(
    (best, point) => (best === undefined || point.completedAt > best.completedAt ? point : best),
    undefined,
  );
  for (const point of alive) {
    if (now >= point.end && point !== newest) {
      point.goneAt = now;
      continue;
    }
    if (now >= point.end || point.copyAt === undefined || now < point.copyAt) continue;
    if (point.option !== "CopyOnExpiryOption") point.inArchive = true;
    if (now < point.vaultEnd || point === newest) continue;
    point.inArchive = true;
    point.inVault = false;
  }
}
