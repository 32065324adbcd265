import { type InstanceRef, parseInstanceRef } from "../../domain/resource-id.ts";
import type { Catalog, DueEntry } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";

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

/** Entries served by one tick; the rest wait for the next, a minute later. */
const tickLimit = 200;

/**
 * Expires, archives and purges what is due, reading due rows only. A row is removed after its work
 * and its successor's row are written, so that a crash repeats a step and never forgets one.
 */
export async function runLifecycleTick(
  ports: LifecycleTickPorts,
): Promise<{ reviewed: number; purged: number; failed: number }> {
  const now = new Date(ports.clock.now()).toISOString();
  const reviews = await ports.catalog.due.upTo("lifecycle", now, tickLimit);
  const purges = await ports.catalog.due.upTo("purge", now, tickLimit);
  let failed = 0;
  for (const entry of reviews) if (!(await attempt(() => review(ports, entry)))) failed += 1;
  for (const entry of purges) if (!(await attempt(() => purge(ports, entry)))) failed += 1;
  return { reviewed: reviews.length, purged: purges.length, failed };
}

/** One recovery point's trouble does not keep the others waiting; its row stays for the next tick. */
async function attempt(step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch {
    return false;
  }
}

async function review(ports: LifecycleTickPorts, entry: DueEntry): Promise<void> {
  const { reviewAt } = await ports.reviewRecoveryPoint(
    parseInstanceRef(entry.payload),
    parseText(entry.payload["recoveryPointId"]),
  );
  if (reviewAt !== undefined) {
    // Never the same row again, or removing the old one would remove it.
    const later = Math.max(reviewAt, Date.parse(entry.at) + 1);
    await ports.catalog.due.put({ ...entry, at: new Date(later).toISOString() });
  }
  await ports.catalog.due.remove(entry);
}

async function purge(ports: LifecycleTickPorts, entry: DueEntry): Promise<void> {
  await ports.purgeDeleted(parseInstanceRef(entry.payload));
  await ports.catalog.due.remove(entry);
}

const parseText = (value: unknown): string => (typeof value === "string" ? value : "");
