import { FaultError, fault } from "../../../src/domain/fault.ts";
import { applyJobChange, type Job } from "../../../src/domain/job.ts";
import type { Operation } from "../../../src/domain/operation.ts";
import type { RecoveryPoint } from "../../../src/domain/recovery-point.ts";
import {
  type InstanceRef,
  instanceKey,
  normaliseResourceId,
  vaultKey,
} from "../../../src/domain/resource-id.ts";
import type { Catalog, DueEntry, Page, PageRequest } from "../../../src/ports/catalog.ts";

/** The catalog's contract over plain maps; adapters/catalog has its own tests over real tables. */
export function createFakeCatalog(): Catalog {
  const claims = new Map<string, InstanceRef>();
  const operations = new Map<string, Operation>();
  const due = new Map<string, DueEntry>();
  const vaults = records((vault: Parameters<typeof vaultKey>[0]) => vaultKey(vault));
  const policies = records(
    (ref: Parameters<typeof vaultKey>[0] & { policyName: string }) =>
      `${vaultKey(ref)}|${ref.policyName.toLowerCase()}`,
  );
  const instances = records((ref: InstanceRef) => instanceKey(ref));
  const points = records((ref: InstanceRef & { id: string }) => `${instanceKey(ref)}|${ref.id}`);
  const jobs = records((ref: Job) => `${vaultKey(ref.vault)}|${ref.id}`);
  return {
    vaults: {
      ...(vaults as unknown as Catalog["vaults"]),
      list: async (scope, page) =>
        pageOf(
          vaults.under(
            [scope.subscriptionId, scope.resourceGroup].filter(Boolean).join("|").toLowerCase(),
          ) as never,
          page,
        ),
    },
    policies: {
      get: policies.get as Catalog["policies"]["get"],
      delete: policies.delete as Catalog["policies"]["delete"],
      create: (policy) =>
        policies.create({ ...policy.vault, policyName: policy.name }, policy) as never,
      replace: (policy, etag) =>
        policies.replace({ ...policy.vault, policyName: policy.name }, policy, etag) as never,
      list: async (vault, page) => pageOf(policies.under(vaultKey(vault)) as never, page),
    },
    instances: {
      get: instances.get as Catalog["instances"]["get"],
      delete: instances.delete as Catalog["instances"]["delete"],
      create: (instance) =>
        instances.create({ ...instance.vault, instanceName: instance.name }, instance) as never,
      replace: (instance, etag) =>
        instances.replace(
          { ...instance.vault, instanceName: instance.name },
          instance,
          etag,
        ) as never,
      list: async (vault, page) => pageOf(instances.under(vaultKey(vault)) as never, page),
      ofPolicy: async (vault, policyName, limit) =>
        (instances.under(vaultKey(vault)) as { name: string; policyName: string }[])
          .filter((instance) => instance.policyName.toLowerCase() === policyName.toLowerCase())
          .slice(0, limit)
          .map(({ name }) => name),
      claimDatasource: async (datasourceId, instance) => {
        const key = normaliseResourceId(datasourceId);
        const holder = claims.get(key) ?? instance;
        claims.set(key, holder);
        return holder;
      },
      releaseDatasource: async (datasourceId, instance) => {
        const key = normaliseResourceId(datasourceId);
        const holder = claims.get(key);
        if (holder !== undefined && instanceKey(holder) === instanceKey(instance)) {
          claims.delete(key);
        }
      },
      holderOf: async (datasourceId) => claims.get(normaliseResourceId(datasourceId)),
    },
    recoveryPoints: {
      get: (ref, id) => points.get({ ...ref, id }) as never,
      upsert: async (ref, point) => {
        await points.delete({ ...ref, id: point.id });
        await points.create({ ...ref, id: point.id }, point);
      },
      replace: async (ref, point, etag) =>
        (await points.replace({ ...ref, id: point.id }, point, etag)) !== undefined,
      delete: (ref, id) => points.delete({ ...ref, id }),
      list: async (ref, { from, to, ...page }) =>
        pageOf(
          (points.under(instanceKey(ref)) as RecoveryPoint[])
            .filter(({ takenAt }) => takenAt >= (from ?? "") && takenAt <= (to ?? "9"))
            .toSorted((a, b) => b.takenAt.localeCompare(a.takenAt)),
          page,
        ),
    },
    jobs: {
      create: async (job) => (await jobs.create(job, job)) !== undefined,
      get: (vault, id) => jobs.get({ vault, id } as Job) as never,
      change: async (vault, id, change) => {
        const found = await jobs.get({ vault, id } as Job);
        if (found === undefined) return undefined;
        const next = applyJobChange(found.value as Job, change);
        await jobs.replace(next, next, found.etag);
        return next;
      },
      list: async (vault, page) =>
        pageOf(
          (jobs.under(vaultKey(vault)) as Job[]).toSorted((a, b) =>
            b.startedAt.localeCompare(a.startedAt),
          ),
          page,
        ),
      open: async () => ({ items: [] }),
    },
    operations: {
      create: async (operation) => {
        if (!operations.has(operation.id)) operations.set(operation.id, operation);
      },
      get: async (id) => operations.get(id),
      end: async (id, ending) => {
        const found = operations.get(id);
        if (found?.status === "Inprogress") operations.set(id, { ...found, ...ending });
      },
    },
    due: {
      put: async (entry) => void due.set(`${entry.kind}|${entry.at}|${entry.key}`, entry),
      upTo: async (kind, at, limit) =>
        [...due.values()].filter((entry) => entry.kind === kind && entry.at <= at).slice(0, limit),
      remove: async (entry) => due.delete(`${entry.kind}|${entry.at}|${entry.key}`),
    },
  } as Catalog;
}

/** Versioned values by key, in key order. */
function records<Ref>(keyOf: (ref: Ref) => string) {
  const rows = new Map<string, { value: unknown; etag: string }>();
  let version = 0;
  const put = (key: string, value: unknown) => {
    const row = { value: structuredClone(value), etag: String(++version) };
    rows.set(key, row);
    return row;
  };
  return {
    get: async (ref: Ref) => rows.get(keyOf(ref)),
    create: async (ref: Ref, value: unknown = ref) =>
      rows.has(keyOf(ref)) ? undefined : put(keyOf(ref), value),
    replace: async (ref: Ref, ...rest: unknown[]) => {
      const [value, etag] = rest.length === 1 ? [ref, rest[0]] : rest;
      return rows.get(keyOf(ref))?.etag === etag ? put(keyOf(ref), value) : undefined;
    },
    delete: async (ref: Ref) => rows.delete(keyOf(ref)),
    under: (prefix: string) =>
      [...rows]
        .filter(([key]) => key.startsWith(`${prefix}|`))
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([, { value }]) => value),
  };
}

function pageOf<T>(all: readonly T[], { limit, continuation }: PageRequest): Page<T> {
  const start = Number(continuation ?? 0);
  if (!Number.isInteger(start) || start < 0) {
    throw new FaultError(fault("BMSUserErrorInvalidInput", { detail: "$skipToken is not ours" }));
  }
  const items = all.slice(start, start + limit);
  return start + limit < all.length ? { items, continuation: String(start + limit) } : { items };
}
