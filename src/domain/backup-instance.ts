import type { Credentials, Datasource } from "./datasource.ts";
import type { Fault } from "./fault.ts";
import type { JsonObject } from "./json.ts";
import type { VaultRef } from "./resource-id.ts";

/** `currentProtectionState` of Microsoft.DataProtection (arm-contract.md §3.3). */
export const protectionStates = [
  "NotProtected",
  "ConfiguringProtection",
  "ConfiguringProtectionFailed",
  "ProtectionConfigured",
  "UpdatingProtection",
  "ProtectionError",
  "BackupSchedulesSuspended",
  "ProtectionStopped",
  "SoftDeleting",
  "SoftDeleted",
] as const;
export type ProtectionState = (typeof protectionStates)[number];

/** Legal moves between protection states; everything else is a programming error. */
export const protectionTransitions = {
  NotProtected: ["ConfiguringProtection"],
  ConfiguringProtection: ["ProtectionConfigured", "ConfiguringProtectionFailed", "SoftDeleting"],
  ConfiguringProtectionFailed: ["ConfiguringProtection", "SoftDeleting"],
  ProtectionConfigured: [
    "ConfiguringProtection",
    "UpdatingProtection",
    "ProtectionError",
    "BackupSchedulesSuspended",
    "ProtectionStopped",
    "SoftDeleting",
  ],
  UpdatingProtection: ["ProtectionConfigured", "ProtectionError", "SoftDeleting"],
  ProtectionError: [
    "ConfiguringProtection",
    "UpdatingProtection",
    "ProtectionConfigured",
    "BackupSchedulesSuspended",
    "ProtectionStopped",
    "SoftDeleting",
  ],
  BackupSchedulesSuspended: ["ProtectionConfigured", "ProtectionStopped", "SoftDeleting"],
  ProtectionStopped: ["ProtectionConfigured", "SoftDeleting"],
  SoftDeleting: ["SoftDeleted"],
  SoftDeleted: ["ProtectionStopped"],
} as const satisfies Record<ProtectionState, readonly ProtectionState[]>;

export const mayBecome = (from: ProtectionState, to: ProtectionState): boolean =>
  from === to || protectionTransitions[from].some((next) => next === to);

/** States in which backups are taken, on demand and when due. */
export const acceptsBackup = (state: ProtectionState): boolean =>
  state === "ProtectionConfigured" || state === "UpdatingProtection" || state === "ProtectionError";

/** A protected database: definition and state. */
export interface BackupInstance {
  readonly vault: VaultRef;
  readonly name: string;
  readonly friendlyName: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly datasource: Datasource;
  readonly datasourceSet?: Datasource;
  readonly policyId: string;
  readonly policyName: string;
  /** `policyInfo.policyParameters` as sent, canonical. */
  readonly policyParameters?: JsonObject;
  readonly credentials: Credentials;
  readonly validationType?: "ShallowValidation" | "DeepValidation";
  readonly identityDetails?: JsonObject;
  readonly provisioningState: "Provisioning" | "Succeeded" | "Failed" | "Updating";
  readonly protectionState: ProtectionState;
  readonly protectionError?: Fault;
  readonly createdAt: string;
  /** ISO instant of the next scheduled backup; absent while no schedule is followed. */
  readonly nextDueAt?: string;
  /**
   * Newest scheduled backup of each retention tag (domain/policy/tagging.ts); outlives the recovery
   * points themselves, so that a yearly tag is given once a year.
   */
  readonly taggedBackups?: readonly { readonly tagName: string; readonly backupAt: number }[];
  /** Set while the instance is soft-deleted. */
  readonly deletion?: {
    readonly deletedAt: string;
    readonly scheduledPurgeAt: string;
    readonly activityId: string;
    readonly stateBefore: ProtectionState;
  };
}
