import type { Fault } from "../domain/fault.ts";
import type { JsonObject } from "../domain/json.ts";

/** ARM's error body, `CloudError` (arm-contract.md §1.4). */
export const presentError = (fault: Fault): JsonObject => ({ error: presentErrorDetail(fault) });

/** The inner object, which operation status answers carry too. */
export const presentErrorDetail = (fault: Fault): JsonObject => ({
  code: fault.code,
  message: fault.message,
  target: fault.target ?? null,
  details: fault.details === undefined ? null : fault.details.map(presentErrorDetail),
  additionalInfo: [
    // As Azure Backup answers it (azure-facts.md §4); `details` stand beside it and not in it.
    { type: "UserFacingError", info: { ...presentUserFacingError(fault), details: null } },
  ],
});

/** `UserFacingError`: a fault inside a resource or job. */
export const presentUserFacingError = (fault: Fault): JsonObject => ({
  code: fault.code,
  message: fault.message,
  recommendedAction: fault.recommendedAction,
  details: fault.details === undefined ? null : fault.details.map(presentUserFacingError),
  innerError: null,
  isRetryable: fault.retryable,
  isUserError: fault.userError,
  properties: fault.properties === undefined ? null : { ...fault.properties },
  target: fault.target ?? null,
});
