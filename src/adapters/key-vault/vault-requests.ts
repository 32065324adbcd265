/** Time for one call with all its attempts. */
export const defaultLimitMs = 30_000;

/** The SDK's own loop, which heeds Retry-After; four requests in all. */
export const retryOptions = { maxRetries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 8_000 };
