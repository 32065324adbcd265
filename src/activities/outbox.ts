import type { JsonObject } from "../domain/json.ts";
import type { VaultEvent } from "../domain/vault-event.ts";
import type { DueEntry } from "../ports/catalog.ts";
import type { ActivityPorts } from "./ports.ts";

type Ports = Pick<ActivityPorts, "catalog" | "settings">;

/**
 * Lays an event into the outbox, from where a tick sends it; repeating it with the same event makes
 * one row. Does nothing where no event is sent anywhere.
 */
export async function putEvent({ catalog, settings }: Ports, event: VaultEvent): Promise<void> {
  if (settings.sendsEvents === true) await catalog.due.put(rowOf(event));
}

/** Takes an event back that turned out to be wrong, if it was not sent yet. */
export async function withdrawEvent({ catalog }: Ports, event: VaultEvent): Promise<void> {
  await catalog.due.remove(rowOf(event));
}

const rowOf = (event: VaultEvent): DueEntry => ({
  kind: "event",
  at: event.time,
  key: event.id,
  // Plain JSON by construction of VaultEvent.
  payload: { event: event as object as JsonObject },
});
