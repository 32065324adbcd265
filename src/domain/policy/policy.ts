import type { DatasourceType } from "../datasource.ts";
import type { IanaName } from "./time-zone.ts";

/**
 * A backup policy as the engine decides with it: every range and rule of Azure's policy object
 * holds (parse-policy.ts), so that nobody re-checks. Plain data, free of api-versions.
 */
export interface BackupPolicy {
  readonly datasourceTypes: readonly [DatasourceType];
  readonly backupRule: BackupRule;
  /** In the order sent; exactly one is the default. */
  readonly retentionRules: readonly RetentionRule[];
}

/** When backups are due and which retention tag each of them gets. */
export interface BackupRule {
  readonly name: string;
  readonly backupType: "Full";
  readonly dataStoreType: "VaultStore";
  readonly schedule: Schedule;
  /** In the order sent; exactly one is the default, and every tag has a retention rule. */
  readonly taggingCriteria: readonly TaggingCriterion[];
}

export interface Schedule {
  /** As sent, Windows or IANA; absent: not sent, which means UTC. */
  readonly timeZoneName?: string;
  readonly timeZone: IanaName;
  /** All of one frequency, no two alike. */
  readonly intervals: readonly RepeatingInterval[];
}

export const frequencies = ["P1W", "P1D", "PT12H", "PT8H", "PT6H", "PT4H"] as const;
export type Frequency = (typeof frequencies)[number];

/** `R/<start>/<frequency>`: from `start` on, on the wall clock of the schedule's time zone. */
export interface RepeatingInterval {
  /** As sent. */
  readonly text: string;
  readonly start: WallClock;
  readonly frequency: Frequency;
}

/** A reading of the wall clock in the schedule's time zone; no offset, no fraction of a second. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A retention tag and the backups that get it; the default tag takes what no other tag took. */
export interface TaggingCriterion {
  readonly tagName: string;
  readonly isDefault: boolean;
  /** Lower number wins. */
  readonly taggingPriority: number;
  /** Any one of them suffices; empty for the default tag only. */
  readonly criteria: readonly BackupCriterion[];
}

export type BackupCriterion = AbsoluteCriterion | GenericCriterion;

export const absoluteMarkers = [
  "AllBackup",
  "FirstOfDay",
  "FirstOfWeek",
  "FirstOfMonth",
  "FirstOfYear",
] as const;
export type AbsoluteMarker = (typeof absoluteMarkers)[number];

/** Any one of the markers suffices. */
export interface AbsoluteCriterion {
  readonly kind: "absolute";
  readonly markers: readonly AbsoluteMarker[];
}

/** Every list that is not empty must hold the backup's value; at least one is not empty. */
export interface GenericCriterion {
  readonly kind: "generic";
  readonly daysOfMonth: readonly DayOfMonth[];
  readonly daysOfTheWeek: readonly DayOfTheWeek[];
  readonly weeksOfTheMonth: readonly WeekOfTheMonth[];
  readonly monthsOfYear: readonly MonthOfYear[];
  /** Times of day on the wall clock, `hh:mm:ss`. */
  readonly scheduleTimes: readonly string[];
}

/** 1 to 28, or the last day of whatever length the month has. */
export type DayOfMonth = number | "Last";

/** In week order: index 0 is the first day of the week (see calendar.ts). */
export const daysOfTheWeek = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;
export type DayOfTheWeek = (typeof daysOfTheWeek)[number];

export const weeksOfTheMonth = ["First", "Second", "Third", "Fourth", "Last"] as const;
export type WeekOfTheMonth = (typeof weeksOfTheMonth)[number];

export const monthsOfYear = [
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
] as const;
export type MonthOfYear = (typeof monthsOfYear)[number];

/** How long recovery points with the tag of the same name are kept, and where. */
export interface RetentionRule {
  readonly name: string;
  readonly isDefault: boolean;
  readonly vault: VaultLifecycle;
  /** Present if and only if `vault.archiveCopy` is. */
  readonly archive?: ArchiveLifecycle;
}

export interface VaultLifecycle {
  /** ISO duration of whole days, weeks, months or years, counted from completion of the backup. */
  readonly deleteAfter: string;
  readonly archiveCopy?: ArchiveCopy;
}

export interface ArchiveLifecycle {
  /** ISO duration, counted from the instant at which the copy into the archive is due. */
  readonly deleteAfter: string;
}

/** `CopyOnExpiry` moves; the two others leave the vault's copy until it expires. */
export type ArchiveCopy =
  | { readonly option: "ImmediateCopyOption" }
  | { readonly option: "CopyOnExpiryOption" }
  | { readonly option: "CustomCopyOption"; readonly duration: string };

export const defaultTagName = "Default";

/** Azure compares names of rules and tags without case. */
export const isSameName = (left: string, right: string): boolean =>
  left.toLowerCase() === right.toLowerCase();

export const defaultTagOf = (policy: BackupPolicy): TaggingCriterion =>
  found(policy.backupRule.taggingCriteria.find((tag) => tag.isDefault));

export const retentionRuleOf = (policy: BackupPolicy, tagName: string): RetentionRule | undefined =>
  policy.retentionRules.find((rule) => isSameName(rule.name, tagName));

/** For what a parsed policy always holds; its absence is a bug, not an input. */
function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("A parsed policy has a default tag");
  return value;
}
