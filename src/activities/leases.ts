import { FaultError, fault } from "../domain/fault.ts";
import type { InstanceRef } from "../domain/resource-id.ts";
import { leaseName } from "../domain/vault-paths.ts";
import type { Activity, JobRef } from "./activity-types.ts";
import type { ActivityPorts } from "./ports.ts";

type LeasePorts = Pick<ActivityPorts, "leases">;

/** Takes the instance for this job; `UserErrorMaxConcurrentOperationLimitReached` when taken. */
export const createTakeLease =
  ({ leases }: LeasePorts): Activity<"takeLease"> =>
  async ({ instance, jobId }) => {
    if ((await leases.acquire(leaseName(instance), jobId)) === "held") {
      const values = { instance: instance.instanceName, detail: "it holds the instance's lease." };
      throw new FaultError(fault("UserErrorMaxConcurrentOperationLimitReached", values));
    }
    return {};
  };

export const createReleaseLease =
  ({ leases }: LeasePorts): Activity<"releaseLease"> =>
  async ({ instance, jobId }) => {
    await leases.release(leaseName(instance), jobId);
    return {};
  };

/** A third of the 60 s after which a lease lapses: two renewals may fail. */
const renewEveryMs = 20_000;

/**
 * Runs long work while renewing the job's lease. The signal aborts when the lease is lost; the
 * work's own rejection then becomes `LeaseLost`. Takes the lease anew first: after a crash it may
 * have lapsed, and the same job may always take its own lease again.
 */
export async function whileLeased<T>(
  { leases }: LeasePorts,
  { instance, jobId }: JobRef,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const name = leaseName(instance);
  if ((await leases.acquire(name, jobId)) === "held") throw leaseLost(instance);
  const lost = new AbortController();
  const timer = setInterval(() => {
    leases.renew(name, jobId).then(
      (outcome) => {
        if (outcome === "lost") lost.abort(leaseLost(instance));
      },
      // A storage hiccup: the next renewal tries again, the lease outlives two of them.
      () => {},
    );
  }, renewEveryMs);
  try {
    return await work(lost.signal);
  } catch (error) {
    throw lost.signal.aborted ? leaseLost(instance) : error;
  } finally {
    clearInterval(timer);
  }
}

const leaseLost = (instance: InstanceRef): FaultError =>
  new FaultError(fault("LeaseLost", { lease: leaseName(instance) }));
