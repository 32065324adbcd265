import type { InstanceRef, VaultRef } from "../../domain/resource-id.ts";
import { afterPrefix, tableKey } from "../../domain/table-key.ts";

/** Key parts compare without regard to case, as ARM names do. */
export const folded = (...parts: readonly string[]): string =>
  tableKey(...parts.map((part) => part.toLowerCase()));

export const vaultParts = (vault: VaultRef): readonly [string, string, string] => [
  vault.subscriptionId,
  vault.resourceGroup,
  vault.vaultName,
];

export const vaultPartition = (vault: VaultRef): string => folded(...vaultParts(vault));

export const instancePartition = (instance: InstanceRef): string =>
  folded(...vaultParts(instance), instance.instanceName);

export const instanceRefOf = (ref: InstanceRef): InstanceRef => ({
  subscriptionId: ref.subscriptionId,
  resourceGroup: ref.resourceGroup,
  vaultName: ref.vaultName,
  instanceName: ref.instanceName,
});

export const vaultRefOf = (ref: VaultRef): VaultRef => ({
  subscriptionId: ref.subscriptionId,
  resourceGroup: ref.resourceGroup,
  vaultName: ref.vaultName,
});

/** Last instant that newest-first keys can hold: the year 2286. */
const endOfTimeMs = 9_999_999_999_999;

/** Sorts newest first: what is left until the end of time, in 13 digits. */
export const newestFirst = (isoInstant: string): string =>
  String(endOfTimeMs - epochMs(isoInstant)).padStart(13, "0");

/** Sorts oldest first: UTC with milliseconds, always 24 characters. */
export const oldestFirst = (isoInstant: string): string =>
  new Date(epochMs(isoInstant)).toISOString();

export function epochMs(isoInstant: string): number {
  const ms = Date.parse(isoInstant);
  if (Number.isNaN(ms) || ms < 0 || ms > endOfTimeMs) {
    throw new RangeError(`'${isoInstant}' is not an ISO instant between 1970 and 2286`);
  }
  return ms;
}

/** Rows of a subscription's partition: all of them, or those of one resource group. */
export function groupRange(partition: string, resourceGroup: string | undefined) {
  if (resourceGroup === undefined) return { partition };
  const group = folded(resourceGroup);
  return { partition, from: `${group}|`, to: afterPrefix(group) };
}
