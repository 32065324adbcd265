import type { LeaseStore } from "../../ports/blob-store.ts";
import type { Clock } from "../../ports/clock.ts";

const lapseMs = 60_000;

/** Leases as Azure keeps them; they lapse by the clock that is passed in. */
export function createMemoryLeaseStore(options: { clock: Clock }): LeaseStore {
  // A lapsed lease stays: its holder may renew it until another id has taken it.
  const leases = new Map<string, { id: string; lapsesAt: number }>();
  const now = () => options.clock.now();

  return {
    async acquire(name, leaseId) {
      const lease = leases.get(name);
      if (lease !== undefined && lease.id !== leaseId && lease.lapsesAt > now()) return "held";
      leases.set(name, { id: leaseId, lapsesAt: now() + lapseMs });
      return "acquired";
    },
    async renew(name, leaseId) {
      const lease = leases.get(name);
      if (lease?.id !== leaseId) return "lost";
      lease.lapsesAt = now() + lapseMs;
      return "renewed";
    },
    async release(name, leaseId) {
      if (leases.get(name)?.id === leaseId) leases.delete(name);
    },
  };
}
