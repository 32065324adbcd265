import { formatRecordInstant, type Instant, minuteMs } from "../../domain/instant.ts";
import type { Catalog, DueEntry, DueKind } from "../../ports/catalog.ts";

export interface DueOutcome {
  readonly served: number;
  readonly failures: readonly DueFailure[];
}

/** A row that could not be served: it is tried again a minute later. */
export interface DueFailure {
  readonly key: string;
  readonly error: unknown;
}

/** Rows that one request reads. */
const pageLimit = 500;
/** More than a tick serves within its minute; the rest waits for the next one. */
const maxPages = 20;
/** Different instances served at the same time; rows of one instance follow each other. */
const servedAtOnce = 8;
const retryAfterMs = minuteMs;

/**
 * Serves every row of a kind that is due, earliest first. `serve` removes or replaces the row, after
 * its work. One instance's trouble does not stop the others, and not for long itself: a row that
 * fails makes way and comes back, still knowing when it was due.
 */
export async function serveDue(
  { due }: Pick<Catalog, "due">,
  kind: DueKind,
  now: Instant,
  serve: (entry: DueEntry) => Promise<void>,
): Promise<DueOutcome> {
  const failures: DueFailure[] = [];
  let served = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const entries = await due.upTo(kind, formatRecordInstant(now), pageLimit);
    await eachInstance(entries, async (entry) => {
      try {
        await serve(entry);
        served += 1;
      } catch (error) {
        failures.push({ key: entry.key, error });
        await postpone({ due }, entry, now + retryAfterMs);
      }
    });
    if (entries.length < pageLimit) break;
  }
  return { served, failures };
}

/** The instant that a row was first due at, however often it was postponed. */
export function firstDueAt({ at, payload }: DueEntry): string {
  const dueAt = payload["dueAt"];
  return typeof dueAt === "string" ? dueAt : at;
}

/** Looks at a row again later. A crash in between leaves both rows, and the later one does nothing. */
export async function postpone(
  { due }: Pick<Catalog, "due">,
  entry: DueEntry,
  until: Instant,
): Promise<void> {
  const payload = { ...entry.payload, dueAt: firstDueAt(entry) };
  await due.put({ ...entry, at: formatRecordInstant(until), payload });
  await due.remove(entry);
}

async function eachInstance(
  entries: readonly DueEntry[],
  serve: (entry: DueEntry) => Promise<void>,
): Promise<void> {
  const queues = [...Map.groupBy(entries, instanceOf).values()].values();
  const work = async () => {
    for (const queue of queues) for (const entry of queue) await serve(entry);
  };
  await Promise.all(Array.from({ length: servedAtOnce }, work));
}

const instanceOf = ({ payload }: DueEntry): string => {
  const { subscriptionId, resourceGroup, vaultName, instanceName } = payload;
  return JSON.stringify([subscriptionId, resourceGroup, vaultName, instanceName]).toLowerCase();
};
