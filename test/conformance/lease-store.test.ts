import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Azurite } from "../../scripts/azurite.ts";
import { createLeaseStore } from "../../src/adapters/blob/lease-store.ts";
import { createManualClock } from "../../src/adapters/memory/clock.ts";
import { createMemoryLeaseStore } from "../../src/adapters/memory/lease-store.ts";
import type { LeaseStore } from "../../src/ports/blob-store.ts";
import { startAzurite } from "../support/azurite.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const clock = createManualClock();
const shortestSeconds = 15;
const stores: readonly [string, () => LeaseStore, () => Promise<unknown>][] = [
  ["memory", () => createMemoryLeaseStore({ clock }), async () => clock.advance(60_001)],
  [
    "Azurite",
    () =>
      createLeaseStore({
        account: { connectionString: azurite.connectionString },
        container: "leases",
        durationSeconds: shortestSeconds,
      }),
    // The shortest lease that Azure grants, and a margin: no clock can be injected there.
    () => sleep(shortestSeconds * 1000 + 500),
  ],
];

describe.each(stores)("LeaseStore over %s", (_, create, lapse) => {
  const anew = () => ({
    leases: create(),
    name: `instances/${randomUUID()}`,
    a: randomUUID(),
    b: randomUUID(),
  });

  it("lets one id hold a name, and take it again", async () => {
    const { leases, name, a, b } = anew();
    expect(await leases.acquire(name, a)).toBe("acquired");
    expect(await leases.acquire(name, b)).toBe("held");
    expect(await leases.acquire(name, a)).toBe("acquired");
    expect(await leases.renew(name, a)).toBe("renewed");
    expect(await leases.renew(name, b)).toBe("lost");
  });

  it("lets exactly one of many win a fresh name", async () => {
    const { leases, name } = anew();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => leases.acquire(name, randomUUID())),
    );
    expect(outcomes.filter((outcome) => outcome === "acquired")).toHaveLength(1);
  });

  it("gives it to the next after release, and releases only its own", async () => {
    const { leases, name, a, b } = anew();
    await leases.acquire(name, a);
    await leases.release(name, b);
    expect(await leases.acquire(name, b)).toBe("held");
    await leases.release(name, a);
    await leases.release(name, a);
    expect(await leases.acquire(name, b)).toBe("acquired");
    expect(await leases.renew(name, a)).toBe("lost");
  });

  it("does nothing about a name that nobody ever took", async () => {
    const { leases, name, a } = anew();
    await leases.release(name, a);
    expect(await leases.renew(name, a)).toBe("lost");
  });

  it("lapses without renewal, yet stays renewable until another id takes it", async () => {
    const { leases, name, a, b } = anew();
    const untaken = `${name}-untaken`;
    await leases.acquire(name, a);
    await leases.acquire(untaken, a);
    await lapse();
    expect(await leases.renew(untaken, a)).toBe("renewed");
    expect(await leases.acquire(name, b)).toBe("acquired");
    expect(await leases.renew(name, a)).toBe("lost");
    expect(await leases.acquire(name, a)).toBe("held");
  });
});
