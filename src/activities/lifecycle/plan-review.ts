import type { Instant } from "../../domain/instant.ts";
import type { RecoveryPoint } from "../../domain/recovery-point.ts";
import { type InstanceRef, instanceKey } from "../../domain/resource-id.ts";
import type { DueEntry } from "../../ports/catalog.ts";
import type { ActivityPorts } from "../ports.ts";
import { storeOf } from "./stores.ts";

type Ports = Pick<ActivityPorts, "catalog" | "clock">;

/** The row that lets the lifecycle tick look at a recovery point. */
export const reviewRow = (ref: InstanceRef, recoveryPointId: string, at: Instant): DueEntry => ({
  kind: "lifecycle",
  at: new Date(at).toISOString(),
  key: `${instanceKey(ref)}|${recoveryPointId}`,
  payload: {
    subscriptionId: ref.subscriptionId,
    resourceGroup: ref.resourceGroup,
    vaultName: ref.vaultName,
    instanceName: ref.instanceName,
    recoveryPointId,
  },
});

/**
 * The next point of a time grid after `now`, shifted by the recovery point's id so that not all are
 * due together. Reviews that are not at an instant of the promise fall on it: when two rows lead to
 * one recovery point (a newer backup, a rehydration and a retry each write one) both have the same
 * successor, and so become one.
 */
export function nextOnGrid(now: Instant, intervalMs: number, recoveryPointId: string): Instant {
  const phase = Number.parseInt(recoveryPointId.slice(0, 8), 16) % intervalMs || 0;
  return (Math.floor((now - phase) / intervalMs) + 1) * intervalMs + phase;
}

const pageLimit = 500;

/** Lets the lifecycle look soon at every recovery point whose promise has something overdue. */
export async function planOverdueReviews(ports: Ports, ref: InstanceRef): Promise<void> {
  const now = ports.clock.now();
  let continuation: string | undefined;
  do {
    const page = await ports.catalog.recoveryPoints.list(ref, {
      limit: pageLimit,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const point of page.items) await planIfOverdue(ports, ref, point, now);
    continuation = page.continuation;
  } while (continuation !== undefined);
}

/** Beyond so many newer ones, the daily review of the one that was held finds out by itself. */
const predecessorLimit = 5;

/** A newer recovery point is there: one that was held as the newest good one may now go. */
export async function planPredecessorReviews(
  ports: Ports,
  ref: InstanceRef,
  newerId: string,
): Promise<void> {
  const now = ports.clock.now();
  const { items } = await ports.catalog.recoveryPoints.list(ref, { limit: predecessorLimit });
  for (const point of items) if (point.id !== newerId) await planIfOverdue(ports, ref, point, now);
}

async function planIfOverdue(
  { catalog }: Ports,
  ref: InstanceRef,
  point: RecoveryPoint,
  now: Instant,
): Promise<void> {
  if (isOverdue(point, now)) await catalog.due.put(reviewRow(ref, point.id, now));
}

function isOverdue(point: RecoveryPoint, now: Instant): boolean {
  const hasPassed = (iso: string | undefined) => iso !== undefined && Date.parse(iso) <= now;
  return (
    hasPassed(point.expiresAt) ||
    (hasPassed(point.vaultStoreExpiresAt) && storeOf(point, "VaultStore") !== undefined) ||
    (hasPassed(point.archivePromise?.dueAt) && storeOf(point, "ArchiveStore") === undefined)
  );
}

/** Rows that a recovery point may have at the instants of its promise, for its early end. */
export async function dropReviews(
  { catalog }: Ports,
  ref: InstanceRef,
  point: RecoveryPoint,
): Promise<void> {
  const instants = new Set([
    point.archivePromise?.dueAt,
    point.vaultStoreExpiresAt,
    point.expiresAt,
    storeOf(point, "ArchiveStore")?.rehydrationExpiresAt,
  ]);
  for (const at of instants)
    if (at !== undefined) await catalog.due.remove(reviewRow(ref, point.id, Date.parse(at)));
}
