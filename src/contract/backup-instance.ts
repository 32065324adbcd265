import { z } from "zod";
import type { BackupInstance, ProtectionState } from "../domain/backup-instance.ts";
import { type Fault, fault } from "../domain/fault.ts";
import type { JsonObject } from "../domain/json.ts";
import {
  type InstanceRef,
  instanceResourceId,
  parseResourceId,
  sameResourceId,
  type VaultRef,
  vaultResourceId,
} from "../domain/resource-id.ts";
import { failed, ok, type Result } from "../domain/result.ts";
import {
  credentialsSchema,
  datasourceSchema,
  datasourceSetSchema,
  friendlyNameOf,
  parseDatasource,
  presentCredentials,
  presentDatasource,
  readCredentials,
  readDatasourceSet,
} from "./datasource.ts";
import { presentUserFacingError } from "./error-body.ts";
import { policyNamePattern } from "./names.ts";
import { policyParametersSchema } from "./policy-parameters.ts";
import { guardRequestsSchema, identityDetailsSchema, tagsSchema } from "./resource-parts.ts";

/** `BackupInstance`: what validateForBackup wraps and a PUT carries as `properties`. */
export const backupInstanceSchema = z.object({
  objectType: z.literal("BackupInstance").exactOptional(),
  friendlyName: z.string().max(400).exactOptional(),
  dataSourceInfo: datasourceSchema,
  dataSourceSetInfo: datasourceSetSchema.exactOptional(),
  policyInfo: z.object({
    policyId: z.string().min(1).max(1024),
    policyParameters: policyParametersSchema.exactOptional(),
  }),
  datasourceAuthCredentials: credentialsSchema.exactOptional(),
  validationType: z.enum(["ShallowValidation", "DeepValidation"]).exactOptional(),
  identityDetails: identityDetailsSchema.exactOptional(),
  resourceGuardOperationRequests: guardRequestsSchema.exactOptional(),
});
export const backupInstanceResourceSchema = z.object({
  tags: tagsSchema.exactOptional(),
  properties: backupInstanceSchema,
});
export const validateForBackupSchema = z.object({ backupInstance: backupInstanceSchema });

export type BackupInstanceWire = z.output<typeof backupInstanceSchema>;

export interface InstanceContext {
  readonly ref: InstanceRef;
  readonly createdAt: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A new instance record, about to be configured. */
export function parseBackupInstance(
  wire: BackupInstanceWire,
  context: InstanceContext,
): Result<BackupInstance, Fault> {
  const datasource = parseDatasource(wire.dataSourceInfo, "dataSourceInfo");
  if (!datasource.ok) return datasource;
  const policyName = policyNameIn(wire.policyInfo.policyId, context.ref);
  if (policyName === undefined) return failed(foreignPolicy(wire.policyInfo.policyId, context.ref));
  const { ref, createdAt, tags } = context;
  return ok({
    vault: vaultOf(ref),
    name: ref.instanceName,
    friendlyName: wire.friendlyName ?? friendlyNameOf(datasource.value),
    ...(tags === undefined ? {} : { tags }),
    datasource: datasource.value,
    ...(wire.dataSourceSetInfo === undefined
      ? {}
      : { datasourceSet: readDatasourceSet(wire.dataSourceSetInfo, datasource.value) }),
    policyId: wire.policyInfo.policyId,
    policyName,
    ...(wire.policyInfo.policyParameters === undefined
      ? {}
      : { policyParameters: wire.policyInfo.policyParameters }),
    credentials: readCredentials(wire.datasourceAuthCredentials),
    ...(wire.validationType === undefined ? {} : { validationType: wire.validationType }),
    ...(wire.identityDetails === undefined ? {} : { identityDetails: wire.identityDetails }),
    provisioningState: "Provisioning",
    protectionState: "ConfiguringProtection",
    createdAt,
  });
}

/** In the service's order of properties. */
export const presentBackupInstance = (instance: BackupInstance): JsonObject => ({
  properties: presentInstanceProperties(instance),
  ...(instance.tags === undefined ? {} : { tags: instance.tags }),
  id: instanceResourceId(refOf(instance)),
  name: instance.name,
  type: "Microsoft.DataProtection/backupVaults/backupInstances",
});

export function presentInstanceProperties(instance: BackupInstance): JsonObject {
  const credentials = presentCredentials(instance.credentials);
  return {
    friendlyName: instance.friendlyName,
    dataSourceInfo: presentDatasource(instance.datasource, "Datasource"),
    ...(instance.datasourceSet === undefined
      ? {}
      : { dataSourceSetInfo: presentDatasource(instance.datasourceSet, "DatasourceSet") }),
    policyInfo: {
      policyId: instance.policyId,
      ...(instance.policyParameters === undefined
        ? {}
        : { policyParameters: instance.policyParameters }),
    },
    protectionStatus: {
      status: protectionStatusOf(instance.protectionState),
      ...(instance.protectionError === undefined
        ? {}
        : { errorDetails: presentUserFacingError(instance.protectionError) }),
    },
    currentProtectionState: wireProtectionState(instance.protectionState),
    ...(instance.protectionError === undefined
      ? {}
      : { protectionErrorDetails: presentUserFacingError(instance.protectionError) }),
    provisioningState: instance.provisioningState,
    ...(credentials === undefined ? {} : { datasourceAuthCredentials: credentials }),
    ...(instance.validationType === undefined ? {} : { validationType: instance.validationType }),
    ...(instance.identityDetails === undefined
      ? {}
      : { identityDetails: instance.identityDetails }),
    objectType: "BackupInstance",
  };
}

/** The live service says `BackupsSuspended`, which is in none of its enums (arm-contract.md §3.3). */
export const wireProtectionState = (state: ProtectionState): string =>
  state === "BackupSchedulesSuspended" ? "BackupsSuspended" : state;

const statusOfState: Readonly<Partial<Record<ProtectionState, string>>> = {
  NotProtected: "ConfiguringProtection",
  UpdatingProtection: "ProtectionConfigured",
  ProtectionError: "ProtectionConfigured",
  BackupSchedulesSuspended: "ProtectionConfigured",
};

/** `protectionStatus.status` knows fewer values than `currentProtectionState`. */
const protectionStatusOf = (state: ProtectionState): string => statusOfState[state] ?? state;

export const refOf = (instance: BackupInstance): InstanceRef => ({
  ...instance.vault,
  instanceName: instance.name,
});

const vaultOf = ({ subscriptionId, resourceGroup, vaultName }: VaultRef): VaultRef => ({
  subscriptionId,
  resourceGroup,
  vaultName,
});

function policyNameIn(policyId: string, vault: VaultRef): string | undefined {
  const parsed = parseResourceId(policyId);
  const [, policyName] = parsed?.names ?? [];
  const expected = `${vaultResourceId(vault)}/backupPolicies/${policyName ?? ""}`;
  if (policyName === undefined || !policyNamePattern.test(policyName)) return undefined;
  return sameResourceId(policyId, expected) ? policyName : undefined;
}

const foreignPolicy = (policyId: string, vault: VaultRef): Fault =>
  fault(
    "UserErrorPolicyNotFound",
    { policy: policyId, vault: vault.vaultName },
    {
      target: "policyInfo.policyId",
      recommendedAction: [
        `Send the full id of a policy of this vault: ${vaultResourceId(vault)}/backupPolicies/NAME.`,
      ],
    },
  );
