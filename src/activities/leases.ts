import { FaultError, fault } from "../domain/fault.ts";
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

/** A third of the shortest lease (15 s, a setting): two renewals may fail. */
const renewEveryMs = 5_000;

/**
 * Runs long work while renewing the job's lease, and its place among a server's dumps if it has one.
 * The signal aborts when one is lost; the work's own rejection then becomes `LeaseLost`. Takes the
 * leases anew first: after a crash they may have lapsed, and the same job may always take its own
 * lease again.
 */
export async function whileLeased<T>(
  { leases }: LeasePorts,
  { instance, jobId }: JobRef,
  work: (signal: AbortSignal) => Promise<T>,
  slot?: string,
): Promise<T> {
  const names = [leaseName(instance), ...(slot === undefined ? [] : [slot])];
  for (const name of names)
    if ((await leases.acquire(name, jobId)) === "held") throw leaseLost(name);
  const lost = new AbortController();
  const renew = async (name: string): Promise<void> => {
    if ((await leases.renew(name, jobId)) === "lost") lost.abort(leaseLost(name));
  };
  const timer = setInterval(() => {
    // A storage hiccup: the next renewal tries again, the lease outlives two of them.
    for (const name of names) renew(name).catch(() => undefined);
  }, renewEveryMs);
  try {
    return await work(lost.signal);
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}

const leaseLost = (lease: string): FaultError => new FaultError(fault("LeaseLost", { lease }));
