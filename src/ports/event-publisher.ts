import type { VaultEvent } from "../domain/vault-event.ts";

/** Tells events to the world, at least once and in no certain order. */
export interface EventPublisher {
  /** Rejects when the event was not taken on; it is published again later. */
  publish(event: VaultEvent): Promise<void>;
}
