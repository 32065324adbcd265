import type { RetryPolicy } from "./actions.ts";

/** Azure's cap on the wait between two attempts where the app names none: 6 days. */
const DEFAULT_MAX_RETRY_INTERVAL_MS = 6 * 24 * 3600 * 1000;

/**
 * Wait after the attempt of this number. `retryTimeout` has no say: the SDK does not know it and
 * would wait for ever for attempts that the host then skips.
 */
export function retryDelayMs(policy: RetryPolicy, attemptsMade: number): number {
  const growth = (policy.backoffCoefficient ?? 1) ** (attemptsMade - 1);
  const cap = policy.maxRetryIntervalInMilliseconds ?? DEFAULT_MAX_RETRY_INTERVAL_MS;
  return Math.min(policy.firstRetryIntervalInMilliseconds * growth, cap);
}
