import { type Fault, fault } from "./fault.ts";
import { failed, ok, type Result } from "./result.ts";
import type { Vault } from "./vault.ts";

/** What a vault holds, as far as it limits changes. */
export interface VaultUse {
  /** An instance is or was protected in it; redundancy is fixed from then on. */
  readonly protectsData: boolean;
}

/**
 * Whether a vault may become `next`. Some protections are promises: once immutability is Locked,
 * soft delete AlwaysOn or cross-subscription restore PermanentlyDisabled, nobody takes them back.
 */
export function decideVaultChange(
  current: Vault,
  next: Vault,
  use: VaultUse,
): Result<Vault, Fault> {
  const refusal =
    refuseMove(current, next) ??
    refuseUnlocking(current, next) ??
    refuseSofterDelete(current, next) ??
    refuseCrossSubscription(current, next) ??
    refuseRedundancy(current, next, use);
  return refusal === undefined ? ok(next) : failed(refusal);
}

/**
 * A PUT that leaves out immutability, soft delete or what the platform gave keeps it: forgetting to
 * repeat a protection must not remove it.
 */
export function keepProtections(current: Vault, next: Vault): Vault {
  const softDelete = next.softDelete ?? current.softDelete;
  const immutability = next.immutability ?? current.immutability;
  const featureSettings = next.featureSettings ?? current.featureSettings;
  return {
    ...next,
    ...(current.guardProxies === undefined ? {} : { guardProxies: current.guardProxies }),
    ...(softDelete === undefined ? {} : { softDelete }),
    ...(immutability === undefined ? {} : { immutability }),
    ...(featureSettings === undefined ? {} : { featureSettings }),
  };
}

/** Whether deleted or overwritten data would be safe for less time than before. */
export const weakensVault = (current: Vault, next: Vault): boolean =>
  softDeleteDays(next) < softDeleteDays(current) ||
  immutabilityRank(next) < immutabilityRank(current) ||
  (sameText(current.softDelete?.state ?? "", "AlwaysOn") &&
    !sameText(next.softDelete?.state ?? "", "AlwaysOn"));

const softDeleteDays = ({ softDelete }: Vault): number =>
  softDelete === undefined || sameText(softDelete.state, "Off")
    ? 0
    : softDelete.retentionDurationInDays;

const immutabilityRank = ({ immutability }: Vault): number =>
  ["Disabled", "Unlocked", "Locked"].indexOf(immutability?.state ?? "Disabled");

function refuseMove(current: Vault, next: Vault): Fault | undefined {
  return sameText(current.location, next.location)
    ? undefined
    : refusal(
        `vault '${current.vaultName}' is in location '${current.location}' and cannot move to '${next.location}'`,
        "location",
      );
}

function refuseUnlocking(current: Vault, next: Vault): Fault | undefined {
  return current.immutability?.state === "Locked" && next.immutability?.state !== "Locked"
    ? irreversible(current, "immutability is Locked", "immutabilitySettings.state")
    : undefined;
}

function refuseSofterDelete(current: Vault, next: Vault): Fault | undefined {
  if (!sameText(current.softDelete?.state ?? "", "AlwaysOn")) return undefined;
  const shorter =
    (next.softDelete?.retentionDurationInDays ?? 0) <
    (current.softDelete?.retentionDurationInDays ?? 0);
  return !sameText(next.softDelete?.state ?? "", "AlwaysOn") || shorter
    ? irreversible(current, "soft delete is AlwaysOn", "softDeleteSettings")
    : undefined;
}

function refuseCrossSubscription(current: Vault, next: Vault): Fault | undefined {
  return crossSubscriptionState(current) === "PermanentlyDisabled" &&
    crossSubscriptionState(next) !== "PermanentlyDisabled"
    ? irreversible(
        current,
        "cross-subscription restore is PermanentlyDisabled",
        "crossSubscriptionRestoreSettings.state",
      )
    : undefined;
}

function refuseRedundancy(current: Vault, next: Vault, use: VaultUse): Fault | undefined {
  return use.protectsData && redundancyOf(current) !== redundancyOf(next)
    ? refusal(
        `storage redundancy of vault '${current.vaultName}' is fixed since it holds backup instances`,
        "storageSettings",
      )
    : undefined;
}

export function crossSubscriptionState(vault: Vault): string | undefined {
  const settings = vault.featureSettings?.["crossSubscriptionRestoreSettings"];
  if (typeof settings !== "object" || settings === null || Array.isArray(settings))
    return undefined;
  const state: unknown = Object.entries(settings).find(([name]) => name === "state")?.[1];
  return typeof state === "string" ? state : undefined;
}

const redundancyOf = (vault: Vault): string =>
  vault.storageSettings
    .map(({ datastoreType, type }) => `${datastoreType}=${type}`)
    .toSorted()
    .join();

const irreversible = (vault: Vault, what: string, target: string): Fault =>
  refusal(`${what} in vault '${vault.vaultName}', which cannot be undone`, target);

const refusal = (detail: string, target: string): Fault =>
  fault("UserErrorNotSupported", { detail }, { target });

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
