import type { ErrorCode } from "../domain/error-catalogue.ts";
import { type Fault, FaultError } from "../domain/fault.ts";
import type { Workflow, WorkflowContext } from "./context.ts";

export interface RetryPlan {
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** Each delay is this many times the one before. */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Faults that are final here after `finalAttempts`, although another caller might go on. */
  readonly finalCodes?: readonly ErrorCode[];
  readonly finalAttempts?: number;
}

/** Transfers: about 10 minutes of patience, enough for a server restart or a storage failover. */
export const transferRetry: RetryPlan = {
  attempts: 4,
  firstDelayMs: 5_000,
  factor: 4,
  maxDelayMs: 300_000,
};

/** Book-keeping in tables and blobs must get through: about an hour of patience. */
export const bookkeepingRetry: RetryPlan = {
  attempts: 12,
  firstDelayMs: 2_000,
  factor: 2,
  maxDelayMs: 600_000,
};

/** A validation answers soon: one more try, then the finding is the answer. */
export const validationRetry: RetryPlan = {
  attempts: 2,
  firstDelayMs: 2_000,
  factor: 1,
  maxDelayMs: 2_000,
};

/**
 * Somebody asked and waits: another running operation is an answer, a storage hiccup is not, and
 * neither is a review of retention, which takes a moment (6 s of patience).
 */
export const askedLeaseRetry: RetryPlan = {
  ...bookkeepingRetry,
  finalCodes: ["UserErrorMaxConcurrentOperationLimitReached"],
  finalAttempts: 3,
};

/** A scheduled backup waits its turn for up to six hours, and goes on soon after a short wait. */
export const scheduledLeaseRetry: RetryPlan = {
  attempts: 365,
  firstDelayMs: 1_000,
  factor: 2,
  maxDelayMs: 60_000,
};

/**
 * Runs `step` again while its fault is retryable, on durable timers. `attempt` counts from 1.
 * Throws the last fault.
 */
export function* retrying<T>(
  context: WorkflowContext,
  plan: RetryPlan,
  step: (attempt: number) => Workflow<T>,
  onRetry?: (fault: Fault, attempt: number) => Workflow<void>,
): Workflow<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return yield* step(attempt);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      if (!mayTryAgain(plan, error.fault, attempt)) throw error;
      if (onRetry !== undefined) yield* onRetry(error.fault, attempt);
      yield* context.sleepUntil(context.now() + delayMs(plan, attempt));
    }
  }
}

const mayTryAgain = (plan: RetryPlan, fault: Fault, attempt: number): boolean =>
  fault.retryable && attempt < attemptsFor(plan, fault);

const attemptsFor = (plan: RetryPlan, fault: Fault): number =>
  plan.finalCodes?.includes(fault.code) === true ? (plan.finalAttempts ?? 1) : plan.attempts;

const delayMs = (plan: RetryPlan, attempt: number): number =>
  Math.min(plan.firstDelayMs * plan.factor ** (attempt - 1), plan.maxDelayMs);
