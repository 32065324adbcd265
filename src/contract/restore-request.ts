import { z } from "zod";
import { type Fault, fault } from "../domain/fault.ts";
import {
  defaultRestoreOptions,
  type RehydrationSpec,
  type RestoreOptions,
  type RestoreSpec,
} from "../domain/restore-spec.ts";
import { failed, ok, type Result } from "../domain/result.ts";
import {
  credentialsSchema,
  datasourceSchema,
  datasourceSetSchema,
  parseDatasource,
  readCredentials,
  readDatasourceSet,
} from "./datasource.ts";
import { dataStoreTypes, guardRequestsSchema, identityDetailsSchema } from "./resource-parts.ts";

const location = z.string().max(90).exactOptional();
const recoveryOption = z.enum(["FailIfExists"]).default("FailIfExists");

const restoreTargetSchema = z.discriminatedUnion("objectType", [
  z.object({
    objectType: z.literal("RestoreTargetInfo"),
    recoveryOption,
    restoreLocation: location,
    datasourceInfo: datasourceSchema,
    datasourceSetInfo: datasourceSetSchema.exactOptional(),
    datasourceAuthCredentials: credentialsSchema.exactOptional(),
  }),
  z.object({
    objectType: z.literal("RestoreFilesTargetInfo"),
    recoveryOption,
    restoreLocation: location,
    targetDetails: z.object({
      filePrefix: z.string().min(1).max(200),
      restoreTargetLocationType: z.enum(["AzureBlobs"]),
      url: z.url({ protocol: /^https?$/ }).max(4096),
      targetResourceArmId: z.string().max(1024).exactOptional(),
    }),
  }),
]);

/** pgvault's extension: what else to bring back, or less. Azure ignores unknown properties. */
const restoreOptionsSchema = z.object({
  keepOwners: z.boolean().exactOptional(),
  keepPrivileges: z.boolean().exactOptional(),
  keepTablespaces: z.boolean().exactOptional(),
  keepComments: z.boolean().exactOptional(),
  schemaOnly: z.boolean().exactOptional(),
  onlySchemas: z.array(z.string().min(1).max(63)).max(1000).exactOptional(),
  onlyTables: z.array(z.string().min(1).max(130)).max(1000).exactOptional(),
});

const commonShape = {
  restoreTargetInfo: restoreTargetSchema,
  sourceDataStoreType: z.enum([...dataStoreTypes, "SnapshotStore"]),
  sourceResourceId: z.string().max(1024).exactOptional(),
  identityDetails: identityDetailsSchema.exactOptional(),
  resourceGuardOperationRequests: guardRequestsSchema.exactOptional(),
  restoreOptions: restoreOptionsSchema.exactOptional(),
};
const recoveryPointId = z.string().min(1).max(128);
const rehydrationShape = {
  rehydrationPriority: z.enum(["High", "Standard"]).default("Standard"),
  rehydrationRetentionDuration: z
    .string()
    .regex(/^P?\d{1,3}D$/i, "Expected an ISO duration of days, such as P15D")
    // As az: 10 to 30 days, 15 unless told.
    .default("P15D"),
};

/** `AzureBackupRestoreRequest`, sent bare to `restore` and wrapped to `validateRestore`. */
export const restoreRequestSchema = z.discriminatedUnion("objectType", [
  z.object({
    objectType: z.literal("AzureBackupRecoveryPointBasedRestoreRequest"),
    recoveryPointId,
    ...commonShape,
  }),
  z.object({
    objectType: z.literal("AzureBackupRestoreWithRehydrationRequest"),
    recoveryPointId,
    ...rehydrationShape,
    ...commonShape,
  }),
  z.object({
    objectType: z.literal("AzureBackupRecoveryTimeBasedRestoreRequest"),
    recoveryPointTime: z.string().max(40),
    ...commonShape,
  }),
]);
export const validateRestoreSchema = z.object({ restoreRequestObject: restoreRequestSchema });
export const rehydrationRequestSchema = z.object({ recoveryPointId, ...rehydrationShape });

type RestoreRequestWire = z.output<typeof restoreRequestSchema>;

export function parseRestoreRequest(wire: RestoreRequestWire): Result<RestoreSpec, Fault> {
  if (wire.objectType === "AzureBackupRecoveryTimeBasedRestoreRequest") {
    return failed(
      unsupported(
        "PostgreSQL has no restore to a point in time: send AzureBackupRecoveryPointBasedRestoreRequest with a recoveryPointId",
        "objectType",
      ),
    );
  }
  if (
    wire.sourceDataStoreType === "SnapshotStore" ||
    wire.sourceDataStoreType === "OperationalStore"
  ) {
    return failed(
      unsupported(
        `PostgreSQL has no recovery points in ${wire.sourceDataStoreType}: use VaultStore or ArchiveStore`,
        "sourceDataStoreType",
      ),
    );
  }
  const rehydration =
    wire.objectType === "AzureBackupRestoreWithRehydrationRequest"
      ? parseRehydration(wire)
      : undefined;
  if (rehydration !== undefined && !rehydration.ok) return rehydration;
  const target = parseTarget(wire.restoreTargetInfo);
  if (!target.ok) return target;
  return ok({
    recoveryPointId: wire.recoveryPointId,
    sourceStore: wire.sourceDataStoreType,
    ...(rehydration === undefined ? {} : { rehydration: rehydration.value }),
    restoreLocation: wire.restoreTargetInfo.restoreLocation ?? "",
    target: target.value,
    options: readOptions(wire.restoreOptions),
  });
}

/** Azure's bounds: 10 to 30 days; `7D` without the P is in its examples only, but is read. */
export function parseRehydration(wire: {
  readonly rehydrationPriority: "High" | "Standard";
  readonly rehydrationRetentionDuration: string;
}): Result<RehydrationSpec, Fault> {
  const retentionDays = Number(/\d+/.exec(wire.rehydrationRetentionDuration)?.[0]);
  return retentionDays >= 10 && retentionDays <= 30
    ? ok({ priority: wire.rehydrationPriority, retentionDays })
    : failed(
        fault(
          "BMSUserErrorInvalidInput",
          {
            detail: `rehydrationRetentionDuration '${wire.rehydrationRetentionDuration}' is outside of P10D to P30D`,
          },
          { target: "rehydrationRetentionDuration" },
        ),
      );
}

function parseTarget(
  wire: RestoreRequestWire["restoreTargetInfo"],
): Result<RestoreSpec["target"], Fault> {
  if (wire.objectType === "RestoreFilesTargetInfo") {
    const { url, filePrefix, targetResourceArmId } = wire.targetDetails;
    return ok({
      kind: "files",
      url,
      filePrefix,
      ...(targetResourceArmId === undefined ? {} : { targetResourceId: targetResourceArmId }),
    });
  }
  const datasource = parseDatasource(wire.datasourceInfo, "restoreTargetInfo.datasourceInfo");
  if (!datasource.ok) return datasource;
  if (!datasource.value.datasourceType.endsWith("/databases")) {
    return failed(
      unsupported(
        `a database cannot be restored over the whole server '${datasource.value.resourceId}': name the new database as …/flexibleServers/SERVER/databases/NAME, or restore as files with RestoreFilesTargetInfo`,
        "restoreTargetInfo.datasourceInfo",
      ),
    );
  }
  return ok({
    kind: "database",
    datasource: datasource.value,
    ...(wire.datasourceSetInfo === undefined
      ? {}
      : { datasourceSet: readDatasourceSet(wire.datasourceSetInfo, datasource.value) }),
    credentials: readCredentials(wire.datasourceAuthCredentials),
  });
}

const readOptions = (wire: z.output<typeof restoreOptionsSchema> | undefined): RestoreOptions => ({
  ...defaultRestoreOptions,
  ...wire,
});

const unsupported = (detail: string, target: string): Fault =>
  fault("UserErrorNotSupported", { detail }, { target });
