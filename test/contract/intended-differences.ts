/**
 * Where pgvault's answers differ from recorded or specified ones on purpose. The replay fails on a
 * difference that is not listed, and on an entry that no replay needs any more.
 */
export interface IntendedDifference {
  readonly example: RegExp;
  /** Path in the answer, such as `body.properties.identity.principalId` or `headers.retry-after`. */
  readonly path: RegExp;
  readonly reason: string;
}

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    example: /./,
    path: /^headers\.retry-after$/,
    reason:
      "Sent, small and configurable, so that local polls are quick; the service was never seen to send it.",
  },
  {
    example: /./,
    path: /^headers\.content-length$/,
    reason: "Added by the host that writes the answer to the wire.",
  },
  {
    example: /^rec-vault-/,
    path: /^body\.identity\.(principalId|tenantId)$/,
    reason: "pgvault's own identity, answered only where configuration names it.",
  },
  {
    example: /^rec-vault-create-201/,
    path: /^headers\.(azure-asyncoperation|x-ms-arm-resource-system-data)$/,
    reason:
      "The recording elides the path and masks the person; both headers are compared by name only.",
  },
  {
    example: /^rec-vault-get/,
    path: /^body\.id$/,
    reason:
      "Ids are answered as the resource was created, not as `resourcegroups` and `BackupVaults`.",
  },
  {
    example: /^rec-oss-job-/,
    path: /^body\.properties\.(subscriptionId|sourceSubscriptionID)$/,
    reason: "The recording masks subscriptions in ids but not here; ours agree with the ids.",
  },
  {
    example: /^rec-error-/,
    path: /^body\.error\.(innerError|additionalInfo|message)$/,
    reason:
      "innerError is gone from newer service versions; additionalInfo carries the next step; the message names the object.",
  },
  {
    example: /^rec-policy-put-and-delete/,
    path: /^(status|body|headers)/,
    reason:
      "The recording protects disks; pgvault protects PostgreSQL and refuses other datasources.",
  },
  {
    example: /^rec-oss-job-backup-completed/,
    path: /^body\.properties\.extendedInfo\.targetRecoverPoint\.recoveryPointTime$/,
    reason: "The instant of the new recovery point instead of .NET's unset date.",
  },
  {
    example: /^rec-oss-/,
    path: /^body\.endTime$/,
    reason: "Seven digits as for startTime; the service cuts this one to seconds.",
  },
  {
    example: /^spec-/,
    path: /^headers\.(location|azure-asyncoperation)$/,
    reason:
      "The specification's examples place results under the resource group; recordings of the live service place them under the location, and win.",
  },
  {
    example: /^spec-validate-for-backup/,
    path: /^(status|body|headers)/,
    reason:
      "The example's datasource type 'OssDB' is stale: the live service never sends or takes it.",
  },
  {
    example: /^spec-find-restorable-time-ranges/,
    path: /^body\.(id|properties\.restorableTimeRanges)/,
    reason: "PostgreSQL has no continuous backups, hence no ranges; the id is the instance's.",
  },
];
