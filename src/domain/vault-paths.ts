import type { GuardRef } from "./resource-guard.ts";
import { type InstanceRef, instanceKey, type VaultRef, vaultKey } from "./resource-id.ts";

/**
 * Where everything lies in the vault's container (docs/vault-format.md). All lower-case, because
 * ARM names compare without regard to case and blob names do not.
 */
export const vaultsRoot = "vaults/";

export const vaultFolder = (vault: VaultRef): string => `${vaultsRoot}${vaultKey(vault, "/")}`;

export const vaultPath = (vault: VaultRef): string => `${vaultFolder(vault)}/vault.json`;

export const guardsRoot = "guards/";

/** Resource guards stand beside the vaults: they belong to somebody else. */
export const guardPath = ({ subscriptionId, resourceGroup, guardName }: GuardRef): string =>
  `${guardsRoot}${[subscriptionId, resourceGroup, guardName].join("/").toLowerCase()}/guard.json`;

export const policyPath = (vault: VaultRef, policyName: string): string =>
  `${vaultFolder(vault)}/policies/${policyName.toLowerCase()}.json`;

export const instanceFolder = (instance: InstanceRef): string =>
  `${vaultFolder(instance)}/instances/${instance.instanceName.toLowerCase()}`;

export const instancePath = (instance: InstanceRef): string =>
  `${instanceFolder(instance)}/instance.json`;

export const recoveryPointsFolder = (instance: InstanceRef): string =>
  `${instanceFolder(instance)}/recovery-points`;

export const recoveryPointFolder = (instance: InstanceRef, recoveryPointId: string): string =>
  `${recoveryPointsFolder(instance)}/${recoveryPointId.toLowerCase()}`;

/** The blob whose existence is the recovery point. */
export const manifestPath = (instance: InstanceRef, recoveryPointId: string): string =>
  `${recoveryPointFolder(instance, recoveryPointId)}/manifest.json`;

/**
 * Packs of one attempt. Each attempt has its own folder, so that a lost attempt that still runs
 * never writes into the one that wins; the manifest names the attempt that won.
 */
export const packFolder = (
  instance: InstanceRef,
  recoveryPointId: string,
  attemptId: string,
): string => `${recoveryPointFolder(instance, recoveryPointId)}/packs/${attemptId.toLowerCase()}`;

/** Packs that were copied into the archive store while the vault store keeps its own. */
export const archiveFolder = (
  instance: InstanceRef,
  recoveryPointId: string,
  attemptId: string,
): string => `${recoveryPointFolder(instance, recoveryPointId)}/archive/${attemptId.toLowerCase()}`;

/** Readable copies of archived packs, for as long as a rehydration was asked for. */
export const rehydratedFolder = (
  instance: InstanceRef,
  recoveryPointId: string,
  attemptId: string,
): string =>
  `${recoveryPointFolder(instance, recoveryPointId)}/rehydrated/${attemptId.toLowerCase()}`;

/** Lease that lets one operation at a time work on an instance. */
export const leaseName = (instance: InstanceRef): string =>
  `instances/${instanceKey(instance, "/")}`;

/** Lease of one of the places that limit how many dumps run on a server (`serverLabel`). */
export const serverLeaseName = (serverLabel: string, place: number): string =>
  `servers/${serverLabel.toLowerCase()}/${place}`;

export type VaultBlob =
  | { readonly kind: "vault"; readonly key: string }
  | { readonly kind: "policy"; readonly key: string; readonly name: string }
  | { readonly kind: "instance"; readonly key: string; readonly name: string }
  | {
      readonly kind: "manifest";
      readonly key: string;
      readonly name: string;
      readonly recoveryPointId: string;
    }
  | {
      readonly kind: "pack";
      readonly key: string;
      readonly name: string;
      readonly recoveryPointId: string;
      /** The vault store's own, the archive store's copy, or a rehydrated copy of that. */
      readonly copy: PackCopy;
      readonly attempt: string;
    };

export type PackCopy = "packs" | "archive" | "rehydrated";

const blobPattern = new RegExp(
  [
    "^vaults/(?<key>[^/]+/[^/]+/[^/]+)/(?:",
    "(?<vault>vault\\.json)|",
    "policies/(?<policy>[^/]+)\\.json|",
    "instances/(?<name>[^/]+)/(?:",
    "(?<instance>instance\\.json)|",
    "recovery-points/(?<point>[^/]+)/(?:",
    "(?<manifest>manifest\\.json)|(?<copy>packs|archive|rehydrated)/(?<attempt>[^/]+)/.+",
    ")))$",
  ].join(""),
);

/** What a path holds; `key` is the vault's, its parts joined by `/`. Undefined: not ours. */
export function parseVaultPath(path: string): VaultBlob | undefined {
  const parts: Readonly<Record<string, string | undefined>> = blobPattern.exec(path)?.groups ?? {};
  const {
    key = "",
    vault,
    policy,
    name = "",
    instance,
    point = "",
    manifest,
    attempt = "",
  } = parts;
  if (vault !== undefined) return { kind: "vault", key };
  if (policy !== undefined) return { kind: "policy", key, name: policy };
  if (instance !== undefined) return { kind: "instance", key, name };
  if (manifest !== undefined) return { kind: "manifest", key, name, recoveryPointId: point };
  const copy = packCopies.find((folder) => folder === parts["copy"]);
  return copy && { kind: "pack", key, name, recoveryPointId: point, copy, attempt };
}

const packCopies: readonly PackCopy[] = ["packs", "archive", "rehydrated"];
