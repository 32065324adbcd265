import { reviewRow } from "../src/activities/lifecycle/plan-review.ts";
import { createReviewRecoveryPoint } from "../src/activities/lifecycle/review-recovery-point.ts";
import { backupRow, planNextBackup } from "../src/activities/plan-next-backup.ts";
import type { ActivityPorts } from "../src/activities/ports.ts";
import { createCatalog } from "../src/adapters/catalog/catalog.ts";
import { createMemoryBlobStore } from "../src/adapters/memory/blob-store.ts";
import { createManualClock, createSequentialIds } from "../src/adapters/memory/clock.ts";
import { createMemoryLeaseStore } from "../src/adapters/memory/lease-store.ts";
import { createMemoryTableStore } from "../src/adapters/memory/table-store.ts";
import { dayMs, minuteMs } from "../src/domain/instant.ts";
import { presentRecoveryPoint } from "../src/domain/recovery-point-record.ts";
import type { InstanceRef } from "../src/domain/resource-id.ts";
import { manifestPath, packFolder } from "../src/domain/vault-paths.ts";
import type { WorkflowClient } from "../src/ports/workflow-client.ts";
import { runLifecycleTick } from "../src/triggers/timer/lifecycle-tick.ts";
import { runScheduleTick } from "../src/triggers/timer/schedule-tick.ts";
import { policyJson } from "../test/domain/policy/policies.ts";
import { sampleInstance, sampleManifest, samplePolicy, vaultRef } from "../test/support/records.ts";

export interface TickCost {
  readonly due: number;
  readonly requests: number;
  readonly entities: number;
  readonly tickMs: number;
}

const rounds = 20;
const duePerTick = 10;
/** Of Azure. */
const instancesPerVault = 5_000;
const startAt = Date.parse("2026-01-04T00:00:00.000Z");

/** Costs of one schedule tick and of one lifecycle tick, ten due each. */
export async function crowdCosts(
  total: number,
): Promise<{ schedule: TickCost; lifecycle: TickCost }> {
  const world = createWorld();
  await fill(world, total);
  const { ports } = world;
  const schedule = await measure(world, () =>
    runScheduleTick(
      { ...ports, planNextBackup: (ref, served) => planNextBackup(ports, ref, served) },
      engine(),
    ).then(({ started }) => started),
  );
  world.clock.set(startAt + 40 * dayMs);
  const reviewRecoveryPoint = createReviewRecoveryPoint(ports);
  const lifecycle = await measure(world, () =>
    runLifecycleTick({ ...ports, reviewRecoveryPoint, purgeDeleted: async () => true }).then(
      ({ reviewed }) => reviewed,
    ),
  );
  return { schedule, lifecycle };
}

function createWorld() {
  const clock = createManualClock(startAt);
  const tables = createMemoryTableStore();
  const count = { requests: 0 };
  const blobs = counting(createMemoryBlobStore({ clock }), count);
  const ports: ActivityPorts = {
    catalog: createCatalog({ tables, blobs, clock }),
    blobs,
    leases: counting(createMemoryLeaseStore({ clock }), count),
    clock,
    ids: createSequentialIds(),
    settings: {
      transfer: { connections: 1, compression: "none", compressionLevel: 1 },
      concurrentDumpsPerServer: 2,
    },
    servers: untouched("servers"),
    connections: untouched("connections"),
    mover: untouched("mover"),
    containers: untouched("containers"),
  };
  return { clock, tables, count, ports };
}

type World = ReturnType<typeof createWorld>;

/** Ticks touch storage only: neither servers nor secrets. */
const untouched = <K extends keyof ActivityPorts>(name: K): ActivityPorts[K] =>
  new Proxy({} as ActivityPorts[K] & object, {
    get: () => {
      throw new Error(`A tick asked for ${name}`);
    },
  });

/** Every instance has a recovery point; ten more rows come due with each minute, of each kind. */
async function fill({ ports }: World, total: number): Promise<void> {
  const refs = Array.from({ length: total }, (_, n) => refOf(n));
  for (const [n, ref] of refs.entries()) {
    const round = Math.floor(n / duePerTick);
    if (n % instancesPerVault === 0) await createPolicies(ports, ref);
    const isDue = round < rounds;
    const nextDueAt = at(isDue ? round : 10 * 1440 + (n % 1440));
    await ports.catalog.instances.create(
      sampleInstance({
        vault: ref,
        name: ref.instanceName,
        policyName: isDue ? `minute${round}` : "weekly",
        nextDueAt,
      }),
    );
    await ports.catalog.due.put(backupRow(ref, nextDueAt));
    await addPoint(ports, ref, n, isDue ? 40 * 1440 + round : 400 * 1440 + (n % 1440));
    // A newer one lets the due one go.
    if (isDue) await addPoint(ports, ref, total + n, 500 * 1440);
  }
}

const at = (minutes: number): string => new Date(startAt + minutes * minuteMs).toISOString();

function refOf(n: number): InstanceRef {
  const { subscriptionId, resourceGroup } = vaultRef;
  const vaultName = `vault${String(Math.floor(n / instancesPerVault)).padStart(3, "0")}`;
  const instanceName = `db${String(n).padStart(7, "0")}`;
  return { subscriptionId, resourceGroup, vaultName, instanceName };
}

async function createPolicies({ catalog }: ActivityPorts, vault: InstanceRef): Promise<void> {
  await catalog.policies.create(samplePolicy({ vault, name: "weekly", properties: policyJson() }));
  for (let round = 0; round < rounds; round += 1) {
    const interval = `R/2026-01-01T00:${String(round).padStart(2, "0")}:00+00:00/P1D`;
    const properties = policyJson({ intervals: [interval] });
    await catalog.policies.create(samplePolicy({ vault, name: `minute${round}`, properties }));
  }
}

async function addPoint(
  { catalog, blobs }: ActivityPorts,
  ref: InstanceRef,
  n: number,
  expiresInMinutes: number,
): Promise<void> {
  const id = n.toString(16).padStart(32, "0");
  const expiresAt = at(expiresInMinutes);
  const manifest = sampleManifest({
    recoveryPointId: id,
    retention: { ...sampleManifest().retention, vaultStoreExpiresAt: expiresAt, expiresAt },
    takenAt: at(n),
  });
  const body = new TextEncoder().encode(JSON.stringify(manifest));
  await blobs.put(`${packFolder(ref, id, manifest.attempt)}/0001.pack`, new Uint8Array(3));
  await blobs.put(manifestPath(ref, id), body);
  await catalog.recoveryPoints.upsert(ref, presentRecoveryPoint(manifest));
  await catalog.due.put(reviewRow(ref, id, Date.parse(expiresAt)));
}

/** One tick a minute; every one must serve its ten, at the same cost. */
async function measure(world: World, tick: () => Promise<number>): Promise<TickCost> {
  const costs: TickCost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    world.tables.resetCounts();
    world.count.requests = 0;
    const beganAt = performance.now();
    const due = await tick();
    const tickMs = performance.now() - beganAt;
    if (due !== duePerTick) throw new Error(`${due} of ${duePerTick} due rows were served`);
    const { requests, entitiesRead: entities } = world.tables.counts();
    costs.push({ due, requests: requests + world.count.requests, entities, tickMs });
    world.clock.advance(minuteMs);
  }
  const middle = costs.toSorted((left, right) => left.tickMs - right.tickMs)[rounds / 2];
  if (middle === undefined) throw new Error("Nothing was measured");
  const worst = (of: (cost: TickCost) => number) => Math.max(...costs.map(of));
  return {
    due: duePerTick,
    requests: worst(({ requests }) => requests),
    entities: worst(({ entities }) => entities),
    tickMs: Number(middle.tickMs.toFixed(3)),
  };
}

function counting<T extends object>(store: T, count: { requests: number }): T {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        count.requests += 1;
        return Reflect.apply(member, target, given);
      };
    },
  });
}

function engine(): WorkflowClient {
  return {
    start: async () => "started",
    status: async () => undefined,
    terminate: async () => undefined,
    raiseEvent: async () => undefined,
  };
}
