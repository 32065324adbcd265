import { dayMs } from "../../domain/instant.ts";
import type { VaultEvent } from "../../domain/vault-event.ts";
import type { Catalog, DueEntry } from "../../ports/catalog.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventPublisher } from "../../ports/event-publisher.ts";
import { type DueOutcome, firstDueAt, serveDue } from "./serve-due.ts";

export interface EventTickPorts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly publisher: EventPublisher;
}

/** An event that nobody took for so long is given up; what it told stands in the instance. */
const eventLifetimeMs = 7 * dayMs;

/**
 * Sends what lies in the outbox. A row goes after its event was taken on, so that an event may be
 * told twice, with the same id, and is never forgotten by a crash.
 */
export const runEventTick = ({ catalog, clock, publisher }: EventTickPorts): Promise<DueOutcome> =>
  serveDue(catalog, "event", clock.now(), async (entry) => {
    const age = clock.now() - Date.parse(firstDueAt(entry));
    if (age < eventLifetimeMs) await publisher.publish(parseEvent(entry));
    await catalog.due.remove(entry);
  });

/** Written by activities/outbox.ts alone: the type that went in comes out. */
const parseEvent = ({ payload }: DueEntry): VaultEvent => payload["event"] as object as VaultEvent;
