import { nominalDays, parseCalendarDuration } from "./durations.ts";
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
import type { ArchiveCopy, RetentionRule } from "./policy.ts";

/** Azure's bounds (azure-facts.md §3), in days as `nominalDays` counts them. */
const retentionBounds = {
  VaultStore: { minDays: 7, maxDays: 3_653, range: "7 days to 10 years" },
  /** Six months; 180 days, which Azure Storage bills at least, count as such. */
  ArchiveStore: { minDays: 180, maxDays: 3_653, range: "6 months to 10 years" },
} as const;

type RetainingStore = keyof typeof retentionBounds;
const minCustomCopyDays = 1;

/** Reads an `AzureRetentionRule`; undefined if it cannot be understood, its problems noted. */
export function parseRetentionRule(place: JsonPlace): RetentionRule | undefined {
  const name = textOf(fieldOf(place, "name"), "a rule name, that of the tag it keeps");
  const isDefault = parseIsDefault(fieldOf(place, "isDefault"));
  const lifecycles = parseLifecycles(fieldOf(place, "lifecycles"));
  if (name === undefined || isDefault === undefined || lifecycles === undefined) return undefined;
  return { name, isDefault, ...lifecycles };
}

function parseIsDefault(place: JsonPlace): boolean | undefined {
  if (!hasValue(place)) return false;
  return typeof place.value === "boolean" ? place.value : report(place, "true or false");
}

/** One lifecycle for the vault, and one for the archive if and only if the vault copies there. */
function parseLifecycles(place: JsonPlace): Pick<RetentionRule, "vault" | "archive"> | undefined {
  const [first, second, ...more] = itemsOf(place, 10);
  if (first === undefined)
    return hasValue(place) && !Array.isArray(place.value)
      ? undefined
      : report(place, "a lifecycle with sourceDataStore VaultStore");
  for (const extra of more) report(extra, "at most two lifecycles: VaultStore, then ArchiveStore");
  const vault = parseLifecycle(first, "VaultStore");
  const archive = second === undefined ? undefined : parseLifecycle(second, "ArchiveStore");
  if (vault === undefined || (second !== undefined && archive === undefined)) return undefined;
  const copies = fieldOf(first, "targetDataStoreCopySettings");
  if (vault.archiveCopy !== undefined && archive === undefined)
    return report(place, "a second lifecycle with sourceDataStore ArchiveStore to end the copy");
  if (second !== undefined && vault.archiveCopy === undefined)
    return report(copies, "a copy into ArchiveStore, because an ArchiveStore lifecycle follows");
  if (archive === undefined) return { vault: { deleteAfter: vault.deleteAfter } };
  checkOrder(first, vault, archive.deleteAfter, second);
  return { vault, archive: { deleteAfter: archive.deleteAfter } };
}

interface Lifecycle {
  readonly deleteAfter: string;
  readonly archiveCopy?: ArchiveCopy;
}

function parseLifecycle(place: JsonPlace, store: RetainingStore): Lifecycle | undefined {
  if (!isObject(place, `a lifecycle with sourceDataStore ${store}`)) return undefined;
  const isStore = isDataStore(fieldOf(place, "sourceDataStore"), store);
  const deleteAfter = parseDeleteAfter(fieldOf(place, "deleteAfter"), store);
  const archiveCopy = parseCopySettings(fieldOf(place, "targetDataStoreCopySettings"), store);
  if (!isStore || deleteAfter === undefined || archiveCopy === "invalid") return undefined;
  return { deleteAfter, ...(archiveCopy === undefined ? {} : { archiveCopy }) };
}

function isDataStore(place: JsonPlace, store: RetainingStore): boolean {
  if (!isObject(place, `a DataStoreInfoBase with dataStoreType ${store}`)) return false;
  isObjectType(place, ["DataStoreInfoBase"], "optional");
  return wordOf(fieldOf(place, "dataStoreType"), [store], notSupported) !== undefined;
}

function parseDeleteAfter(place: JsonPlace, store: RetainingStore): string | undefined {
  if (!isObject(place, "an AbsoluteDeleteOption with a duration")) return undefined;
  isObjectType(place, ["AbsoluteDeleteOption"]);
  const { minDays, maxDays, range } = retentionBounds[store];
  return parseDuration(fieldOf(place, "duration"), minDays, maxDays, `${range} in ${store}`);
}

function parseDuration(
  place: JsonPlace,
  minDays: number,
  maxDays: number,
  range: string,
): string | undefined {
  const expectation = `an ISO 8601 duration of whole days, weeks, months or years such as P3M, ${range}`;
  const text = textOf(place, expectation);
  const duration = text === undefined ? undefined : parseCalendarDuration(text);
  if (text === undefined) return undefined;
  if (duration === undefined) return report(place, expectation);
  const days = nominalDays(duration);
  return days < minDays || days > maxDays ? report(place, expectation) : duration;
}

/** The CLI writes a single setting as an object where the API declares an array. */
function parseCopySettings(
  place: JsonPlace,
  store: RetainingStore,
): ArchiveCopy | undefined | "invalid" {
  const isList = !hasValue(place) || Array.isArray(place.value);
  const [setting, ...more] = isList ? itemsOf(place, 10) : [place];
  for (const extra of more) report(extra, "at most one copy setting", notSupported);
  if (setting === undefined) return undefined;
  if (store === "ArchiveStore") {
    report(setting, "no copy out of ArchiveStore", notSupported);
    return "invalid";
  }
  if (!isObject(setting, "a copy setting with dataStore and copyAfter")) return "invalid";
  const isArchive = isDataStore(fieldOf(setting, "dataStore"), "ArchiveStore");
  const copy = parseCopyAfter(fieldOf(setting, "copyAfter"));
  return isArchive && copy !== undefined ? copy : "invalid";
}

function parseCopyAfter(place: JsonPlace): ArchiveCopy | undefined {
  if (!isObject(place, "an ImmediateCopyOption, CopyOnExpiryOption or CustomCopyOption"))
    return undefined;
  const options = ["ImmediateCopyOption", "CopyOnExpiryOption", "CustomCopyOption"] as const;
  const option = wordOf(fieldOf(place, "objectType"), options);
  if (option === undefined || option !== "CustomCopyOption") return option && { option };
  const { maxDays } = retentionBounds.VaultStore;
  const field = fieldOf(place, "duration");
  const duration = parseDuration(
    field,
    minCustomCopyDays,
    maxDays,
    "1 day to the vault's retention",
  );
  return duration === undefined ? undefined : { option, duration };
}

/** A copy is due while the vault has its own, and outlives it: else it would keep nothing. */
function checkOrder(
  vaultPlace: JsonPlace,
  vault: Lifecycle,
  archiveDeleteAfter: string,
  archivePlace: JsonPlace | undefined,
): void {
  const { archiveCopy: copy, deleteAfter } = vault;
  if (copy === undefined || archivePlace === undefined) return;
  const vaultDays = nominalDays(deleteAfter);
  const copyDays = copy.option === "CustomCopyOption" ? nominalDays(copy.duration) : 0;
  if (copyDays > vaultDays) {
    const list = fieldOf(vaultPlace, "targetDataStoreCopySettings");
    report(list, `a copy no later than the vault's own retention, ${deleteAfter}`, notSupported);
  }
  if (
    copy.option !== "CopyOnExpiryOption" &&
    copyDays + nominalDays(archiveDeleteAfter) < vaultDays
  )
    report(
      fieldOf(fieldOf(archivePlace, "deleteAfter"), "duration"),
      `an archive copy that outlives the vault's, ${deleteAfter} after the backup`,
      notSupported,
    );
}
