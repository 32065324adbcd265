import { describe, expect, it } from "vitest";
import { createCatalog } from "../../../src/adapters/catalog/catalog.ts";
import { createMemoryBlobStore } from "../../../src/adapters/memory/blob-store.ts";
import { createManualClock } from "../../../src/adapters/memory/clock.ts";
import { createMemoryTableStore } from "../../../src/adapters/memory/table-store.ts";
import { isTerminal } from "../../../src/domain/job.ts";
import { presentRecoveryPoint } from "../../../src/domain/recovery-point-record.ts";
import { instancePath } from "../../../src/domain/vault-paths.ts";
import type { Catalog } from "../../../src/ports/catalog.ts";
import {
  instanceRef,
  sampleInstance,
  sampleJob,
  sampleManifest,
  vaultRef,
} from "../../support/records.ts";

/** Lets `calls` calls through, then the process is dead: nothing it asks for happens any more. */
function mortal<T extends object>(store: T, life: { calls: number }): T {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        if (life.calls-- <= 0) return Promise.reject(new Error("dead"));
        return Reflect.apply(member, target, given);
      };
    },
  });
}

function anew() {
  const clock = createManualClock("2026-01-01T00:00:00.000Z");
  const tables = createMemoryTableStore();
  const blobs = createMemoryBlobStore({ clock });
  const living = createCatalog({ tables, blobs, clock });
  const dyingAfter = (calls: number): Catalog => {
    const life = { calls };
    return createCatalog({ tables: mortal(tables, life), blobs: mortal(blobs, life), clock });
  };
  return { clock, tables, blobs, living, dyingAfter };
}

type Scene = ReturnType<typeof anew>;

const job = sampleJob();
const point = presentRecoveryPoint(sampleManifest());
const datasourceId = sampleInstance().datasource.resourceId;

/** What must hold at any time, whoever died where. */
async function expectSound({ living, blobs }: Scene): Promise<void> {
  const instance = await living.instances.get(instanceRef);
  for (const policy of ["Daily", "Weekly"]) {
    const users = await living.instances.ofPolicy(vaultRef, policy, 10);
    expect(users).toEqual(instance?.value.policyName === policy ? ["Orders-DB"] : []);
  }
  if (instance !== undefined) expect(await blobs.get(instancePath(instanceRef))).toBeDefined();

  const found = await living.jobs.get(vaultRef, job.id);
  const { items } = await living.jobs.list(vaultRef, { limit: 10 });
  expect(items).toEqual(found === undefined ? [] : [found.value]);
  const open = (await living.jobs.open({ limit: 10 })).items.map(({ jobId }) => jobId);
  const isOpen = found !== undefined && !isTerminal(found.value.status);
  expect(open).toEqual(isOpen ? [job.id] : []);

  const indexed = await living.recoveryPoints.get(instanceRef, point.id);
  const listed = await living.recoveryPoints.list(instanceRef, { limit: 10 });
  expect(listed.items).toEqual(indexed === undefined ? [] : [indexed.value]);
}

interface Action {
  readonly name: string;
  before?(catalog: Catalog): Promise<unknown>;
  act(catalog: Catalog): Promise<unknown>;
  /** After the death, a second attempt by the living must reach this. */
  reached(scene: Scene): Promise<unknown>;
}

const createInstance = (catalog: Catalog) => catalog.instances.create(sampleInstance());

const actions: readonly Action[] = [
  {
    name: "creating an instance",
    act: createInstance,
    reached: async ({ living }) => (await living.instances.get(instanceRef))?.value.name,
  },
  {
    name: "moving an instance to another policy",
    before: createInstance,
    act: async (catalog) => {
      const found = await catalog.instances.get(instanceRef);
      return await catalog.instances.replace(
        sampleInstance({ policyName: "Weekly" }),
        found?.etag ?? "",
      );
    },
    reached: async ({ living, blobs }) => {
      const mirror = new TextDecoder().decode(await blobs.get(instancePath(instanceRef)));
      return (
        mirror.includes('"policyName": "Weekly"') &&
        (await living.instances.ofPolicy(vaultRef, "Weekly", 1)).length === 1
      );
    },
  },
  {
    name: "deleting an instance",
    before: createInstance,
    act: (catalog) => catalog.instances.delete(instanceRef),
    reached: async ({ blobs }) => (await blobs.get(instancePath(instanceRef))) === undefined,
  },
  {
    name: "claiming a datasource and creating its instance",
    act: async (catalog) => {
      await catalog.instances.claimDatasource(datasourceId, instanceRef);
      await createInstance(catalog);
    },
    reached: ({ living }) => living.instances.holderOf(datasourceId),
  },
  {
    name: "creating a job",
    act: (catalog) => catalog.jobs.create(job),
    reached: async ({ living }) => (await living.jobs.open({ limit: 1 })).items[0]?.jobId,
  },
  {
    name: "ending a job",
    before: (catalog) => catalog.jobs.create(job),
    act: (catalog) =>
      catalog.jobs.change(vaultRef, job.id, { status: "Completed", endedAt: job.startedAt }),
    reached: async ({ tables }) =>
      (await tables.query("jobs", { partition: "open", limit: 1 })).rows.length === 0,
  },
  {
    name: "indexing a recovery point",
    act: (catalog) => catalog.recoveryPoints.upsert(instanceRef, point),
    reached: ({ living }) => living.recoveryPoints.get(instanceRef, point.id),
  },
  {
    name: "removing a recovery point from the index",
    before: (catalog) => catalog.recoveryPoints.upsert(instanceRef, point),
    act: (catalog) => catalog.recoveryPoints.delete(instanceRef, point.id),
    reached: async ({ living }) =>
      (await living.recoveryPoints.get(instanceRef, point.id)) === undefined,
  },
];

describe("a process that dies between any two requests", () => {
  it.each(actions)("leaves $name sound, and a second attempt ends it", async (action) => {
    let deaths = 0;
    for (let calls = 0; ; calls++) {
      const scene = anew();
      await action.before?.(scene.living);
      const died = await action.act(scene.dyingAfter(calls)).then(
        () => false,
        () => true,
      );
      await expectSound(scene);
      await action.act(scene.living);
      await expectSound(scene);
      expect(await action.reached(scene)).toBeTruthy();
      if (!died) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(0);
  });

  it("makes the datasource free again when the instance never came to be", async () => {
    const scene = anew();
    await scene.living.instances.claimDatasource(datasourceId, instanceRef);
    scene.clock.advance(15 * 60_000);
    const rival = { ...instanceRef, instanceName: "rival" };
    expect(await scene.living.instances.claimDatasource(datasourceId, rival)).toEqual(rival);
  });

  it("forgets after an hour the open job that never came to be", async () => {
    const scene = anew();
    await scene
      .dyingAfter(1)
      .jobs.create(job)
      .catch(() => undefined);
    const entries = async () =>
      (await scene.tables.query("jobs", { partition: "open", limit: 9 })).rows.length;
    expect(await entries()).toBe(1);
    expect((await scene.living.jobs.open({ limit: 9 })).items).toEqual([]);
    expect(await entries()).toBe(1);
    scene.clock.advance(61 * 60_000);
    await scene.living.jobs.open({ limit: 9 });
    expect(await entries()).toBe(0);
  });
});
