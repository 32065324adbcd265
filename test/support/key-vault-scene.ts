import { afterAll, afterEach, beforeAll } from "vitest";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { type KeyVaultStandIn, startKeyVault } from "./key-vault-stand-in.ts";

/** One vault for all tests of a file, well-behaved and without keys before each of them. */
export function useKeyVault(take: (vault: KeyVaultStandIn) => void): void {
  let vault: KeyVaultStandIn;
  beforeAll(async () => {
    vault = await startKeyVault();
    take(vault);
  });
  afterAll(() => vault.stop());
  afterEach(() => {
    vault.misbehave = undefined;
    vault.seen.length = 0;
    vault.keys.clear();
  });
}

/** What both adapters are given: the same instant, and attempts in quick succession. */
export const keyVaultTestOptions = (vault: KeyVaultStandIn) => ({
  clock: createManualClock("2026-06-01T00:00:00Z"),
  client: { ...vault.clientOptions, retryOptions: { maxRetries: 3, retryDelayInMs: 1 } },
});
