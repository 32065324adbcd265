import { parseResourceId, sameResourceId } from "./resource-id.ts";

/** Guards critical operations of vaults; owned by somebody other than the vaults' contributors. */
export interface ResourceGuard extends GuardRef {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly description?: string;
  /** Critical operations that need no approval, by their wire names. */
  readonly excludedOperations: readonly string[];
}

export interface GuardRef {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly guardName: string;
}

/** Binds a vault to a guard. Kept in the vault's record, so that it cannot be lost apart from it. */
export interface ResourceGuardProxy {
  readonly name: string;
  readonly guardId: string;
  readonly description?: string;
  readonly updatedAt: string;
  /** Deletions that were approved and not carried out yet. */
  readonly unlocks: readonly { readonly resourceId: string; readonly until: string }[];
}

const vaults = "Microsoft.DataProtection/backupVaults";

/**
 * What a guard guards. `requests` names the collection under the guard whose `default` an approved
 * request presents; names that are not recorded follow the recorded pattern.
 */
export const criticalOperations = {
  deleteProxy: {
    operation: `${vaults}/backupResourceGuardProxies/delete`,
    requests: "deleteResourceGuardProxyRequests",
  },
  deleteInstance: {
    operation: `${vaults}/backupInstances/delete`,
    requests: "deleteBackupInstanceRequests",
  },
  stopProtection: {
    operation: `${vaults}/backupInstances/stopProtection/action`,
    requests: "dppDisableStopProtectionRequests",
  },
  suspendBackups: {
    operation: `${vaults}/backupInstances/suspendBackups/action`,
    requests: "dppDisableSuspendBackupsRequests",
  },
  updateProtection: {
    operation: `${vaults}/backupInstances/write`,
    requests: "dppModifyProtectionRequests",
  },
  updatePolicy: {
    operation: `${vaults}/backupPolicies/write`,
    requests: "dppModifyPolicyRequests",
  },
  weakenVault: {
    operation: `${vaults}/write#reduceSecurity`,
    requests: "dppReduceVaultSecurityRequests",
  },
} as const;
export type CriticalOperation = keyof typeof criticalOperations;

const criticalOperationNames = [
  "deleteProxy",
  "deleteInstance",
  "stopProtection",
  "suspendBackups",
  "updateProtection",
  "updatePolicy",
  "weakenVault",
] as const satisfies readonly CriticalOperation[];

/** Operations of a guard that need approval; disabling the guard itself always does. */
export const guardedOperations = (guard: ResourceGuard): readonly CriticalOperation[] =>
  criticalOperationNames.filter((key) => key === "deleteProxy" || !isExcluded(guard, key));

export const guardResourceId = (guard: GuardRef): string =>
  `/subscriptions/${guard.subscriptionId}/resourceGroups/${guard.resourceGroup}/providers/Microsoft.DataProtection/resourceGuards/${guard.guardName}`;

/** Id of the request that an approved critical operation presents. */
export const approvalId = (guardId: string, operation: CriticalOperation): string =>
  `${guardId}/${criticalOperations[operation].requests}/default`;

/** The guard that an id names; undefined when it names something else. */
export function parseGuardId(id: string): GuardRef | undefined {
  const parsed = parseResourceId(id);
  const [guardName] = parsed?.names ?? [];
  if (parsed === undefined || guardName === undefined) return undefined;
  const { subscriptionId, resourceGroup } = parsed;
  const ref = { subscriptionId, resourceGroup, guardName };
  return sameResourceId(id, guardResourceId(ref)) ? ref : undefined;
}

const isExcluded = (guard: ResourceGuard, key: CriticalOperation): boolean =>
  guard.excludedOperations.some(
    (name) => name.toLowerCase() === criticalOperations[key].operation.toLowerCase(),
  );
