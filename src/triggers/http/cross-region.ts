import { fault } from "../../domain/fault.ts";
import { refuse } from "./api/answers.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { groupLocationPath, subscriptionLocationPath } from "./api/paths.ts";

const actions = [
  ["crossRegionRestore", groupLocationPath],
  ["validateCrossRegionRestore", groupLocationPath],
  ["fetchSecondaryRecoveryPoints", groupLocationPath],
  ["fetchCrossRegionRestoreJobs", groupLocationPath],
  ["fetchCrossRegionRestoreJob", groupLocationPath],
] as const;

/** pgvault keeps no second copy in a paired region of its own, and says so. */
export const crossRegionOperations: readonly ApiOperation[] = actions.map(([action, path]) => ({
  id: `CrossRegion_${action}`,
  summary: "Not supported: answers a clear error.",
  method: "POST",
  path: `${path}/${action}`,
  aliases: [`${subscriptionLocationPath}/${action}`],
  permission: `Microsoft.DataProtection/subscriptions/resourceGroups/providers/locations/${action}/action`,
  handle: async () =>
    refuse(
      fault("UserErrorNotSupported", {
        detail: `${action}: pgvault does not restore across regions. Replicate the storage account (GRS) and point a pgvault in the paired region at it; every recovery point there restores`,
      }),
    ),
}));
