import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createBlobStore } from "../../src/adapters/blob/blob-store.ts";
import { createCatalog } from "../../src/adapters/catalog/catalog.ts";
import { createTableStore } from "../../src/adapters/table/table-store.ts";
import { minuteMs } from "../../src/domain/instant.ts";
import type { Catalog } from "../../src/ports/catalog.ts";
import { type Scene, type SceneOptions, startScene } from "../support/scene.ts";

/** A scene whose clock the test moves, with a look into the catalog past pgvault. */
export interface TimedScene extends Scene {
  readonly catalog: Catalog;
  /** What pgvault takes for now. */
  now(): number;
  /** Sets the clock; it goes on from there. */
  setClock(at: number): Promise<void>;
  /** Sets the clock, then ticks until nothing is due and no job runs, and `isDone` agrees. */
  settleAt(at: number, isDone?: () => Promise<boolean>): Promise<void>;
  settle(isDone?: () => Promise<boolean>): Promise<void>;
  /** Starts one timer function, as the host does every minute. */
  tick(name: "schedule" | "lifecycle" | "jobWatch"): Promise<void>;
}

const settleLimitMs = 15_000;
const tickAgainMs = 1_000;
const pollMs = 25;

export async function startTimedScene(options: SceneOptions & { startAt: number }) {
  const folder = await mkdtemp(join(tmpdir(), "pgvault-clock-"));
  const file = join(folder, "clock");
  let offsetMs = options.startAt - Date.now();
  await writeClock(file, offsetMs);
  const scene = await startScene({
    ...options,
    env: { PGVAULT_CONNECTIONS: "1", ...options.env, PGVAULT_CLOCK_FILE: file },
  });
  const account = { connectionString: scene.app.storage };
  const catalog = createCatalog({
    tables: createTableStore({ account }),
    blobs: createBlobStore({ account, container: "pgvault" }),
  });
  const now = () => Date.now() + offsetMs;
  const tick = async (name: string) => {
    const url = `${scene.app.baseUrl}/admin/functions/tick-${name}`;
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: '{"input":""}' }).catch(
      () => undefined,
    );
    // A host that was just killed answers nothing; the next tick will.
    if (answer !== undefined && answer.status !== 202) throw new Error(`tick: ${answer.status}`);
  };
  const tickUntil = async (name: string, isDone: () => Promise<boolean>) => {
    const deadlineMs = Date.now() + settleLimitMs;
    for (let tickedAtMs = 0; !(await isDone()); await sleep(pollMs)) {
      if (Date.now() > deadlineMs) {
        const open = [await openBackups(catalog, now()), await openReviews(catalog, now())];
        throw new Error(`Still due: ${JSON.stringify(open)}\n${scene.app.log()}`);
      }
      if (Date.now() - tickedAtMs < tickAgainMs) continue;
      tickedAtMs = Date.now();
      await tick(name);
    }
  };
  const timed: TimedScene = {
    ...scene,
    catalog,
    now,
    tick,
    async setClock(at) {
      offsetMs = at - Date.now();
      await writeClock(file, offsetMs);
    },
    async settleAt(at, isDone) {
      await timed.setClock(at);
      await timed.settle(isDone);
    },
    // One after the other: a backup and a review that meet wait for each other's lease.
    async settle(isDone = async () => true) {
      const isBackedUp = async () =>
        (await openBackups(catalog, now())).length === 0 && (await isDone());
      await tickUntil("schedule", isBackedUp);
      await tickUntil("lifecycle", async () => (await openReviews(catalog, now())).length === 0);
    },
    stop: async () => {
      await scene.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return timed;
}

/** By renaming, so that nobody reads half of it. */
async function writeClock(file: string, offsetMs: number): Promise<void> {
  await writeFile(`${file}.next`, String(offsetMs));
  await rename(`${file}.next`, file);
}

/** A backup that a failure put off by a moment counts as due. */
async function openBackups({ due, jobs }: Catalog, now: number): Promise<readonly unknown[]> {
  const rows = await due.upTo("backup", new Date(now + minuteMs).toISOString(), 5);
  return [...rows, ...(await jobs.open({ limit: 5 })).items];
}

async function openReviews({ due }: Catalog, now: number): Promise<readonly unknown[]> {
  const at = new Date(now).toISOString();
  return [...(await due.upTo("lifecycle", at, 5)), ...(await due.upTo("purge", at, 5))];
}
