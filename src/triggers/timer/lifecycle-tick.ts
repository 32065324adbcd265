import { formatRecordInstant, type Instant } from "../../domain/instant.ts";
import { type InstanceRef, parseInstanceRef } from "../../domain/resource-id.ts";
import type { Catalog, DueEntry } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import { type DueFailure, serveDue } from "./serve-due.ts";

export interface LifecycleTickPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Does what is due for a recovery point; answers when to look again (epoch ms). */
  reviewRecoveryPoint(
    ref: InstanceRef,
    recoveryPointId: string,
  ): Promise<{ readonly action: string; readonly reviewAt: number | undefined }>;
  /** Frees a soft-deleted instance whose time has come; false: it was brought back meanwhile. */
  purgeDeleted(ref: InstanceRef): Promise<boolean>;
}

export interface LifecycleOutcome {
  readonly reviewed: number;
  readonly purged: number;
  readonly failures: readonly DueFailure[];
}

/**
 * Expires, archives and purges what is due, reading due rows only. A row is removed after its work
 * and its successor's row are written, so that a crash repeats a step and never forgets one.
 */
export async function runLifecycleTick(ports: LifecycleTickPorts): Promise<LifecycleOutcome> {
  const now = ports.clock.now();
  const reviews = await serveDue(ports.catalog, "lifecycle", now, (entry) =>
    review(ports, entry, now),
  );
  const purges = await serveDue(ports.catalog, "purge", now, (entry) => purge(ports, entry));
  return {
    reviewed: reviews.served,
    purged: purges.served,
    failures: [...reviews.failures, ...purges.failures],
  };
}

/** More than a recovery point can need at one look: copy, leave the vault, end, expire, free. */
const maxSteps = 8;

async function review(ports: LifecycleTickPorts, entry: DueEntry, now: Instant): Promise<void> {
  const ref = parseInstanceRef(entry.payload);
  const { dueAt: _, ...payload } = entry.payload;
  const id = payload["recoveryPointId"];
  if (typeof id !== "string") throw new Error(`Due row ${entry.key} names no recovery point`);
  let reviewAt: Instant | undefined = now;
  for (let step = 0; step < maxSteps && reviewAt !== undefined && reviewAt <= now; step += 1)
    ({ reviewAt } = await ports.reviewRecoveryPoint(ref, id));
  if (reviewAt !== undefined) {
    // Never the same row again, or removing the old one would remove it.
    const later = Math.max(reviewAt, Date.parse(entry.at) + 1);
    await ports.catalog.due.put({ ...entry, payload, at: formatRecordInstant(later) });
  }
  await ports.catalog.due.remove(entry);
}

async function purge(ports: LifecycleTickPorts, entry: DueEntry): Promise<void> {
  await ports.purgeDeleted(parseInstanceRef(entry.payload));
  await ports.catalog.due.remove(entry);
}
