import { formatInstant, type Instant } from "../instant.ts";
import type { BackupPolicy } from "./policy.ts";
import { latestDueAt, nextDueInstants } from "./schedule.ts";

/** Missed instants beyond this many are not counted one by one. */
export const maxCountedMissed = 1_000;

export interface DueRun {
  /** Start one backup, for this due instant (the newest that has come); undefined: nothing is due. */
  readonly runFor: Instant | undefined;
  /** Earlier due instants that this one run stands for, at most `maxCountedMissed`. */
  readonly missed: number;
  /** To be written to the due index; undefined cannot happen for a policy that repeats. */
  readonly nextDueAt: Instant | undefined;
  readonly reason: string;
}

/**
 * What one tick does for one instance: `indexedAt` is the due instant that the due index holds.
 * A host that was down serves all that it missed with one run, for the newest missed instant, so
 * that the run's id collides with that of any other host's. An index row of an earlier policy
 * starts nothing: only instants of the policy as it is now are due.
 */
export function decideDueRun(policy: BackupPolicy, indexedAt: Instant, now: Instant): DueRun {
  const [nextDueAt] = nextDueInstants(policy, now, 1);
  const latest = latestDueAt(policy, now);
  if (latest === undefined || latest < indexedAt) {
    const reason =
      indexedAt > now
        ? `Next backup is due at ${formatInstant(indexedAt)}`
        : `The policy no longer has a backup due at ${formatInstant(indexedAt)}`;
    return { runFor: undefined, missed: 0, nextDueAt, reason };
  }
  const missed = countMissed(policy, indexedAt, latest);
  const atLeast = missed === maxCountedMissed ? "at least " : "";
  const due = `Due at ${formatInstant(latest)}`;
  const reason =
    missed === 0
      ? due
      : `${due}; also serves ${atLeast}${missed} missed since ${formatInstant(indexedAt)}`;
  return { runFor: latest, missed, nextDueAt, reason };
}

/** Nearly always none: a few instants are computed first, all that are counted only if need be. */
function countMissed(policy: BackupPolicy, indexedAt: Instant, latest: Instant): number {
  for (const count of [1, 10, 100]) {
    const instants = nextDueInstants(policy, indexedAt - 1, count);
    if ((instants.at(-1) ?? latest) >= latest) return instants.filter((at) => at < latest).length;
  }
  const instants = nextDueInstants(policy, indexedAt - 1, maxCountedMissed);
  return instants.filter((at) => at < latest).length;
}
