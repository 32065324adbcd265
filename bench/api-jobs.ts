import { minuteMs } from "../src/domain/instant.ts";
import { sampleJob, vaultRef } from "../test/support/records.ts";
import { createStand, type Stand, vaultPath } from "./api-stand.ts";
import { percentile } from "./percentile.ts";

const reads = ["first page", "deep page", "one job"] as const;

export interface ReadCost {
  readonly total: number;
  readonly read: (typeof reads)[number];
  readonly requests: number;
  readonly entities: number;
  /** Median. */
  readonly ms: number;
}

interface History {
  readonly total: number;
  readonly stand: Stand;
  readonly paths: Readonly<Record<ReadCost["read"], string>>;
}

const rounds = 200;
/** Compiled before it is timed. */
const warmUpRounds = 50;
const newestAt = Date.parse("2026-11-21T00:00:00.000Z");

/** What it costs to read jobs where so many are in the history of one vault. */
export async function jobCosts(totals: readonly number[]): Promise<readonly ReadCost[]> {
  const histories: History[] = [];
  for (const total of totals) histories.push(await createHistory(total));
  const costs: ReadCost[] = [];
  for (const read of reads) costs.push(...(await measure(read, histories)));
  return costs;
}

async function createHistory(total: number): Promise<History> {
  const stand = await createStand();
  for (let index = 0; index < total; index += 1) {
    await stand.catalog.jobs.create(endedJob(index));
  }
  const listPath = `${vaultPath}/backupJobs`;
  const paths = {
    "first page": listPath,
    "deep page": await lastFullPage(stand, listPath, total),
    "one job": `${listPath}/${endedJob(Math.floor(total / 2)).id}`,
  };
  return { total, stand, paths };
}

/** One a minute, back from the newest. */
function endedJob(index: number) {
  const startedAt = newestAt - index * minuteMs;
  return sampleJob({
    id: `${index.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`,
    vault: vaultRef,
    status: "Completed",
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + minuteMs).toISOString(),
  });
}

/** Walks the whole list by its links; every job must come once. */
async function lastFullPage(stand: Stand, listPath: string, total: number): Promise<string> {
  let link: string | undefined = listPath;
  let deepest = listPath;
  let largest = 0;
  const names = new Set<string>();
  while (link !== undefined) {
    const page = parsePage((await stand.get(link)).body);
    for (const { name } of page.value) names.add(name);
    if (page.value.length >= largest) deepest = link;
    largest = Math.max(largest, page.value.length);
    link = page.nextLink;
  }
  if (names.size !== total) throw new Error(`${names.size} jobs were listed of ${total}`);
  return deepest;
}

const parsePage = (body: string | undefined) =>
  JSON.parse(body ?? "") as { value: { name: string }[]; nextLink?: string };

/** The histories take turns, so that a slow moment of the machine meets them all. */
async function measure(
  read: ReadCost["read"],
  histories: readonly History[],
): Promise<readonly ReadCost[]> {
  const timesMs = new Map<History, number[]>(histories.map((history) => [history, []]));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const history of histories) {
      history.stand.tables.resetCounts();
      const startedAt = performance.now();
      await history.stand.get(history.paths[read]);
      if (round >= 0) timesMs.get(history)?.push(performance.now() - startedAt);
    }
  }
  return histories.map((history) => {
    const { requests, entitiesRead } = history.stand.tables.counts();
    const ms = percentile(timesMs.get(history) ?? [], 50);
    return { total: history.total, read, requests, entities: entitiesRead, ms };
  });
}
