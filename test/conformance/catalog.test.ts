import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Azurite } from "../../scripts/azurite.ts";
import { createBlobStore } from "../../src/adapters/blob/blob-store.ts";
import { createCatalog } from "../../src/adapters/catalog/catalog.ts";
import { createMemoryBlobStore } from "../../src/adapters/memory/blob-store.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createMemoryTableStore } from "../../src/adapters/memory/table-store.ts";
import { createTableStore } from "../../src/adapters/table/table-store.ts";
import { fault } from "../../src/domain/fault.ts";
import type { Job } from "../../src/domain/job.ts";
import { presentRecoveryPoint } from "../../src/domain/recovery-point-record.ts";
import { instancePath, policyPath, vaultPath } from "../../src/domain/vault-paths.ts";
import type { Page, PageRequest } from "../../src/ports/catalog.ts";
import { startAzurite } from "../support/azurite.ts";
import {
  instanceRef,
  sampleInstance,
  sampleJob,
  sampleManifest,
  sampleOperation,
  samplePolicy,
  sampleVault,
  vaultRef,
} from "../support/records.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

let scenes = 0;
const stores = {
  memory: () => ({
    tables: createMemoryTableStore(),
    blobs: createMemoryBlobStore({ clock: createManualClock() }),
  }),
  Azurite: () => {
    const account = { connectionString: azurite.connectionString };
    const name = `catalog${++scenes}x`;
    return {
      tables: createTableStore({ account, prefix: name }),
      blobs: createBlobStore({ account, container: name }),
    };
  },
};

const shouting = { ...vaultRef, resourceGroup: "PROD-rg", vaultName: "MAIN-VAULT" };
const policyRef = { ...vaultRef, policyName: "Daily" };
const guid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();

async function allPages<T>(list: (page: PageRequest) => Promise<Page<T>>, limit: number) {
  const items: T[] = [];
  let continuation: string | undefined;
  do {
    const page = await list({ limit, ...(continuation === undefined ? {} : { continuation }) });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return items;
}

describe.each(["memory", "Azurite"] as const)("Catalog over %s", (kind) => {
  const anew = () => {
    const clock = createManualClock(at(0));
    const { tables, blobs } = stores[kind]();
    return { clock, tables, blobs, catalog: createCatalog({ tables, blobs, clock }) };
  };

  describe("definitions", () => {
    it("creates once, whatever the casing, and answers the casing of its maker", async () => {
      const { catalog } = anew();
      expect(await catalog.vaults.get(vaultRef)).toBeUndefined();
      const made = await catalog.vaults.create(sampleVault());
      expect(await catalog.vaults.create({ ...sampleVault(), ...shouting })).toBeUndefined();
      expect(await catalog.vaults.get(shouting)).toEqual(made);
      expect(made?.value.vaultName).toBe("Main-Vault");
    });

    it("replaces only what is unchanged, deletes once, and creates anew", async () => {
      const { catalog } = anew();
      const first = await catalog.policies.create(samplePolicy());
      const next = samplePolicy({ modifiedAt: at(1) });
      const second = await catalog.policies.replace(next, first?.etag ?? "");
      expect(second?.value).toEqual(next);
      expect(await catalog.policies.replace(samplePolicy(), first?.etag ?? "")).toBeUndefined();
      const third = await catalog.policies.replace(samplePolicy(), second?.etag ?? "");
      expect(third).toBeDefined();
      expect(await catalog.policies.delete(policyRef)).toBe(true);
      expect(await catalog.policies.delete(policyRef)).toBe(false);
      expect(await catalog.policies.replace(samplePolicy(), third?.etag ?? "")).toBeUndefined();
      expect(await catalog.policies.create(samplePolicy())).toBeDefined();
    });

    it("mirrors every definition as a blob, and removes the blob with it", async () => {
      const { catalog, blobs } = anew();
      await catalog.vaults.create(sampleVault());
      await catalog.policies.create(samplePolicy());
      const made = await catalog.instances.create(sampleInstance());
      await catalog.instances.replace(sampleInstance({ friendlyName: "new" }), made?.etag ?? "");
      const read = async (path: string) =>
        JSON.parse(new TextDecoder().decode(await blobs.get(path))) as { value: unknown };
      expect((await read(vaultPath(vaultRef))).value).toEqual(sampleVault());
      expect((await read(policyPath(vaultRef, "DAILY"))).value).toEqual(samplePolicy());
      expect((await read(instancePath(instanceRef))).value).toMatchObject({ friendlyName: "new" });
      await catalog.instances.delete(instanceRef);
      expect(await blobs.get(instancePath(instanceRef))).toBeUndefined();
    });

    it("lets one of two changers win and mirrors the winner", async () => {
      const { catalog, blobs } = anew();
      let current = await catalog.instances.create(sampleInstance());
      for (let round = 0; round < 5; round++) {
        const outcomes = await Promise.all(
          [1, 2, 3].map((changer) =>
            catalog.instances.replace(
              sampleInstance({ friendlyName: `${round}/${changer}` }),
              current?.etag ?? "",
            ),
          ),
        );
        expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
        current = await catalog.instances.get(instanceRef);
        expect(outcomes).toContainEqual(current);
        const mirror = new TextDecoder().decode(await blobs.get(instancePath(instanceRef)));
        expect(JSON.parse(mirror)).toMatchObject({ value: current?.value });
      }
    });

    it("lists vaults resource group by resource group, by name within, pages of any size", async () => {
      const { catalog } = anew();
      const ids = ["b/v2", "a/v1", "B/v1", "ab/v9", "a/v0"];
      for (const id of ids) {
        const [resourceGroup = "", vaultName = ""] = id.split("/");
        await catalog.vaults.create(sampleVault({ resourceGroup, vaultName }));
      }
      const { subscriptionId } = vaultRef;
      const names = async (scope: { resourceGroup?: string }, limit: number) =>
        (
          await allPages((page) => catalog.vaults.list({ subscriptionId, ...scope }, page), limit)
        ).map((vault) => `${vault.resourceGroup}/${vault.vaultName}`);
      for (const limit of [1, 2, 5, 100]) {
        expect(await names({}, limit)).toEqual(["ab/v9", "a/v0", "a/v1", "B/v1", "b/v2"]);
        expect(await names({ resourceGroup: "A" }, limit)).toEqual(["a/v0", "a/v1"]);
      }
      expect(await names({ resourceGroup: "none" }, 5)).toEqual([]);
    });

    it("lists policies and instances of one vault only", async () => {
      const { catalog } = anew();
      await catalog.policies.create(samplePolicy());
      const other = { ...vaultRef, vaultName: "other" };
      await catalog.policies.create(samplePolicy({ vault: other }));
      for (const name of ["c", "A", "b"]) await catalog.instances.create(sampleInstance({ name }));
      await catalog.instances.create(sampleInstance({ name: "x", vault: other }));
      const instances = await allPages((page) => catalog.instances.list(shouting, page), 2);
      expect(instances.map(({ name }) => name)).toEqual(["A", "b", "c"]);
      expect(await allPages((page) => catalog.policies.list(shouting, page), 2)).toHaveLength(1);
    });

    it("keeps names with odd characters apart", async () => {
      const { catalog } = anew();
      const names = ["a", "a|b", "a~7cb", "a#b", "a?b", "a%b", "zürich"];
      for (const name of names) await catalog.instances.create(sampleInstance({ name }));
      for (const instanceName of names) {
        const found = await catalog.instances.get({ ...vaultRef, instanceName });
        expect(found?.value.name).toBe(instanceName);
      }
    });
  });

  describe("use of policies", () => {
    it("follows create, change of policy and delete", async () => {
      const { catalog } = anew();
      const made = await catalog.instances.create(sampleInstance());
      await catalog.instances.create(sampleInstance({ name: "second" }));
      expect(await catalog.instances.ofPolicy(shouting, "DAILY", 10)).toEqual([
        "Orders-DB",
        "second",
      ]);
      expect(await catalog.instances.ofPolicy(vaultRef, "Daily", 1)).toHaveLength(1);
      expect(await catalog.instances.ofPolicy(vaultRef, "Dail", 10)).toEqual([]);
      await catalog.instances.replace(sampleInstance({ policyName: "Weekly" }), made?.etag ?? "");
      expect(await catalog.instances.ofPolicy(vaultRef, "Daily", 10)).toEqual(["second"]);
      expect(await catalog.instances.ofPolicy(vaultRef, "Weekly", 10)).toEqual(["Orders-DB"]);
      await catalog.instances.delete(instanceRef);
      expect(await catalog.instances.ofPolicy(vaultRef, "Weekly", 10)).toEqual([]);
    });

    it("tells the policy that the instance has after changers and a deleter raced", async () => {
      const { catalog } = anew();
      for (let round = 0; round < 5; round++) {
        const made = await catalog.instances.create(sampleInstance());
        await Promise.all([
          ...["Weekly", "Monthly", "Daily"].map((policyName) =>
            catalog.instances.replace(sampleInstance({ policyName }), made?.etag ?? ""),
          ),
          ...(round % 2 === 0 ? [catalog.instances.delete(instanceRef)] : []),
        ]);
        const now = (await catalog.instances.get(instanceRef))?.value.policyName;
        for (const policy of ["Weekly", "Monthly", "Daily"]) {
          const users = await catalog.instances.ofPolicy(vaultRef, policy, 10);
          expect(users).toEqual(policy === now ? ["Orders-DB"] : []);
        }
        await catalog.instances.delete(instanceRef);
      }
    });
  });

  describe("claims of datasources", () => {
    const id = sampleInstance().datasource.resourceId;
    const rival = { ...vaultRef, vaultName: "elsewhere", instanceName: "Rival" };

    it("gives a datasource to one instance over all vaults until it is released", async () => {
      const { catalog } = anew();
      const { instances } = catalog;
      expect(await instances.holderOf(id)).toBeUndefined();
      expect(await instances.claimDatasource(id, instanceRef)).toEqual(instanceRef);
      expect(await instances.claimDatasource(`${id.toUpperCase()}/`, rival)).toEqual(instanceRef);
      expect(await instances.claimDatasource(id, instanceRef)).toEqual(instanceRef);
      await instances.releaseDatasource(id, rival);
      expect(await instances.holderOf(id)).toEqual(instanceRef);
      await instances.releaseDatasource(id, instanceRef);
      expect(await instances.claimDatasource(id, rival)).toEqual(rival);
    });

    it("lets one of many claimers win", async () => {
      const { catalog } = anew();
      const holders = await Promise.all(
        Array.from({ length: 6 }, (_unused, n) =>
          catalog.instances.claimDatasource(id, { ...vaultRef, instanceName: `i${n}` }),
        ),
      );
      expect(new Set(holders.map((holder) => holder.instanceName)).size).toBe(1);
    });

    it("frees the claim of an instance that never came to be, after a while", async () => {
      const { catalog, clock } = anew();
      await catalog.instances.claimDatasource(id, instanceRef);
      clock.advance(14 * 60_000);
      expect(await catalog.instances.claimDatasource(id, rival)).toEqual(instanceRef);
      clock.advance(2 * 60_000);
      expect(await catalog.instances.holderOf(id)).toBeUndefined();
      expect(await catalog.instances.claimDatasource(id, rival)).toEqual(rival);
    });

    it("keeps the claim of an instance that exists, however old", async () => {
      const { catalog, clock } = anew();
      await catalog.instances.claimDatasource(id, instanceRef);
      await catalog.instances.create(sampleInstance());
      clock.advance(400 * 86_400_000);
      expect(await catalog.instances.claimDatasource(id, rival)).toEqual(instanceRef);
      expect(await catalog.instances.holderOf(id)).toEqual(instanceRef);
    });
  });

  describe("recovery points", () => {
    const point = (n: number, minutes = n) => ({
      ...presentRecoveryPoint(sampleManifest()),
      id: String(n).padStart(32, "0"),
      takenAt: at(minutes),
    });

    it("upserts at the same place, replaces by etag and deletes once", async () => {
      const { catalog } = anew();
      const points = catalog.recoveryPoints;
      await points.upsert(instanceRef, point(1));
      await points.upsert(instanceRef, point(1));
      const found = await points.get(instanceRef, point(1).id);
      expect(found?.value).toEqual(point(1));
      const changed = { ...point(1), friendlyName: "changed" };
      expect(await points.replace(instanceRef, changed, found?.etag ?? "")).toBe(true);
      expect(await points.replace(instanceRef, point(1), found?.etag ?? "")).toBe(false);
      expect((await points.list(instanceRef, { limit: 10 })).items).toEqual([changed]);
      expect(await points.delete(instanceRef, point(1).id)).toBe(true);
      expect(await points.delete(instanceRef, point(1).id)).toBe(false);
      expect(await points.get(instanceRef, point(1).id)).toBeUndefined();
      expect((await points.list(instanceRef, { limit: 10 })).items).toEqual([]);
    });

    it("moves a recovery point whose instant was told wrong before", async () => {
      const { catalog } = anew();
      await catalog.recoveryPoints.upsert(instanceRef, point(1, 1));
      await catalog.recoveryPoints.upsert(instanceRef, point(1, 9));
      const { items } = await catalog.recoveryPoints.list(instanceRef, { limit: 10 });
      expect(items).toEqual([point(1, 9)]);
    });

    it("lists newest first between two instants, both included", async () => {
      const { catalog } = anew();
      for (const n of [3, 1, 5, 2, 4]) await catalog.recoveryPoints.upsert(instanceRef, point(n));
      const ids = async (range: { from?: string; to?: string }) =>
        (
          await allPages(
            (page) => catalog.recoveryPoints.list(instanceRef, { ...page, ...range }),
            2,
          )
        ).map(({ id }) => Number(id));
      expect(await ids({})).toEqual([5, 4, 3, 2, 1]);
      expect(await ids({ from: at(2), to: at(4) })).toEqual([4, 3, 2]);
      expect(await ids({ from: at(4) })).toEqual([5, 4]);
      expect(await ids({ to: at(1) })).toEqual([1]);
      expect(await ids({ from: at(6) })).toEqual([]);
      expect(await ids({ from: "2026-01-01T01:04:00.0000000+01:00" })).toEqual([5, 4]);
    });
  });

  describe("jobs", () => {
    const job = (n: number, changes: Partial<Job> = {}) =>
      sampleJob({ id: guid(n), startedAt: at(n), ...changes });
    const ids = (jobs: readonly { id?: string; jobId?: string }[]) =>
      jobs.map((found) => Number((found.id ?? found.jobId ?? "").slice(-12)));

    it("creates once by id", async () => {
      const { catalog } = anew();
      expect(await catalog.jobs.create(job(1))).toBe(true);
      expect(await catalog.jobs.create(job(1))).toBe(false);
      expect(await catalog.jobs.create(job(1, { startedAt: at(9) }))).toBe(false);
      expect((await catalog.jobs.get(shouting, guid(1)))?.value).toEqual(job(1));
      expect(await catalog.jobs.get(vaultRef, guid(2))).toBeUndefined();
      expect(ids((await catalog.jobs.open({ limit: 10 })).items)).toEqual([1]);
    });

    it("lists newest first, stable while jobs are added and changed", async () => {
      const { catalog } = anew();
      for (const n of [1, 2, 3, 4, 5]) await catalog.jobs.create(job(n));
      const first = await catalog.jobs.list(vaultRef, { limit: 2 });
      expect(ids(first.items)).toEqual([5, 4]);
      await catalog.jobs.create(job(6));
      await catalog.jobs.change(vaultRef, guid(3), { status: "Completed", endedAt: at(7) });
      const rest = await catalog.jobs.list(vaultRef, {
        limit: 10,
        ...(first.continuation === undefined ? {} : { continuation: first.continuation }),
      });
      expect(ids(rest.items)).toEqual([3, 2, 1]);
      expect(rest.items[0]?.status).toBe("Completed");
      expect(ids((await catalog.jobs.list(vaultRef, { limit: 3 })).items)).toEqual([6, 5, 4]);
    });

    it("loses no change of many concurrent changers, and the first ending wins", async () => {
      const { catalog } = anew();
      await catalog.jobs.create(job(1));
      await Promise.all([
        ...Array.from({ length: 6 }, (_unused, n) =>
          catalog.jobs.change(vaultRef, guid(1), { details: { [`detail${n}`]: "told" } }),
        ),
        catalog.jobs.change(vaultRef, guid(1), { status: "Completed", endedAt: at(2) }),
        catalog.jobs.change(vaultRef, guid(1), { status: "Failed", endedAt: at(3) }),
      ]);
      const found = (await catalog.jobs.get(vaultRef, guid(1)))?.value;
      expect(Object.keys(found?.details ?? {})).toHaveLength(6);
      expect([found?.status, found?.endedAt]).toEqual(
        found?.status === "Completed" ? ["Completed", at(2)] : ["Failed", at(3)],
      );
      expect(await catalog.jobs.change(vaultRef, guid(2), {})).toBeUndefined();
    });

    it("knows the open jobs of all vaults, oldest first", async () => {
      const { catalog } = anew();
      const other = { ...vaultRef, vaultName: "other" };
      for (const n of [3, 1, 2, 5]) await catalog.jobs.create(job(n));
      await catalog.jobs.create(job(4, { vault: other }));
      await catalog.jobs.change(vaultRef, guid(2), { status: "Failed", endedAt: at(9) });
      await catalog.jobs.change(vaultRef, guid(3), { status: "Cancelling" });
      const open = await allPages((page) => catalog.jobs.open(page), 2);
      expect(ids(open)).toEqual([1, 3, 4, 5]);
      expect(open[2]).toEqual({ vault: other, jobId: guid(4) });
    });
  });

  describe("operations", () => {
    it("creates once, keeps ids apart by case, and lets the first ending win", async () => {
      const { catalog, clock } = anew();
      const { operations } = catalog;
      const operation = sampleOperation();
      await operations.create(operation);
      await operations.create(sampleOperation({ kind: "Restore" }));
      expect(await operations.get(operation.id)).toEqual(operation);
      expect(await operations.get(operation.id.toUpperCase())).toBeUndefined();
      const ended = { status: "Failed", endedAt: at(1), fault: fault("InternalError") } as const;
      await operations.end(operation.id, ended);
      await operations.end(operation.id, { status: "Succeeded", endedAt: at(2), jobId: "j" });
      expect(await operations.get(operation.id)).toEqual({ ...operation, ...ended });
      await operations.end("never created", ended);
      clock.set(Date.parse(at(1)) + 7 * 86_400_000 + 1);
      expect(await operations.get(operation.id)).toBeUndefined();
    });
  });

  describe("the due index", () => {
    it("answers what is due of one kind, earliest first, and no more than asked", async () => {
      const { catalog } = anew();
      const entry = (key: string, minutes: number) => ({
        kind: "backup" as const,
        at: at(minutes),
        key,
        payload: { key },
      });
      await catalog.due.put(entry("late|x", 3));
      await catalog.due.put(entry("early|x", 1));
      await catalog.due.put(entry("early|y", 1));
      await catalog.due.put(entry("early|y", 1));
      await catalog.due.put({ ...entry("other", 1), kind: "purge" });
      const keys = async (minutes: number, limit = 10) =>
        (await catalog.due.upTo("backup", at(minutes), limit)).map(({ key }) => key);
      expect(await keys(0)).toEqual([]);
      expect(await keys(1)).toEqual(["early|x", "early|y"]);
      expect(await keys(3)).toEqual(["early|x", "early|y", "late|x"]);
      expect(await keys(3, 2)).toEqual(["early|x", "early|y"]);
      expect(await catalog.due.upTo("backup", at(1), 1)).toEqual([entry("early|x", 1)]);
      expect(await catalog.due.remove(entry("early|x", 1))).toBe(true);
      expect(await catalog.due.remove(entry("early|x", 1))).toBe(false);
      expect(await keys(3)).toEqual(["early|y", "late|x"]);
    });
  });

  it("says that the storage is gone instead of answering nothing", async () => {
    const { catalog, tables } = anew();
    await catalog.vaults.create(sampleVault());
    const broken = createCatalog({
      tables: { ...tables, get: () => Promise.reject(new Error("no answer")) },
      blobs: createMemoryBlobStore({ clock: createManualClock() }),
    });
    await expect(broken.vaults.get(vaultRef)).rejects.toThrow("no answer");
  });
});
