import type { IntendedDifference } from "./intended-differences.ts";

/** As intended-differences.ts, for the replay of the specification's examples (replay-spec.test.ts). */
export const intendedShapes: readonly IntendedDifference[] = [
  {
    example: /^spec-job/,
    path: /properties\.(sourceDataStoreName|sourceDataStoreType|destinationDataStoreName|etag|endTime|restoreType|rehydrationPriority|progressUrl|isCrossRegionRestore|errorDetails)$/,
    reason:
      "Recordings of the live service carry these members, null where empty; the specification's examples leave them out.",
  },
  {
    example: /^spec-job/,
    path: /properties\.supportedActions$/,
    reason:
      'Recordings answer [""] for every job; the specification\'s running jobs have an empty list.',
  },
  {
    example: /^spec-job-get-scheduled/,
    path: /extendedInfo\.(backupInstanceState|dataTransferredInBytes|targetRecoverPoint|sourceRecoverPoint|recoveryDestination)$/,
    reason: "Null in recordings of running jobs, absent in the specification's example.",
  },
  {
    example: /^spec-job-get-scheduled/,
    path: /subTasks\[0\]\.(taskProgress|additionalDetails)$/,
    reason: "Null in recordings, absent in the specification's example.",
  },
  {
    example: /^spec-/,
    path: /^headers\.location$/,
    reason:
      "The specification's examples place results under the resource group; recordings of the live service place them under the location, and win.",
  },
  {
    example: /^spec-get-operation-result/,
    path: /^headers\.azure-asyncoperation$/,
    reason: "Links carry the api-version, as recorded; the example's does not.",
  },
  {
    example: /^spec-/,
    path: /^headers\.retry-after$/,
    reason: "Small and configurable, so that local polls are quick.",
  },
  {
    example: /^spec-trigger-rehydrate, 7D/,
    path: /^(status|headers\.azure-asyncoperation|body)$/,
    reason:
      "The example keeps the copy for seven days, written without the P of a duration; Azure's documents and az allow 10 to 30 days.",
  },
  {
    example: /^rec-error-gateway-timeout/,
    path: /^(status|headers\.x-ms-failure-cause)$/,
    reason:
      "504 and the header are of ARM's front end, of which pgvault has none: 503, which clients retry as well.",
  },
  {
    example: /^rec-error-gateway-timeout/,
    path: /^body\.error\.(target|details|additionalInfo)$/,
    reason: "As Azure Backup's own errors have them; additionalInfo carries the next step.",
  },
];
