import { z } from "zod";
import type { Credentials, Datasource } from "../domain/datasource.ts";
import { databaseNameOf, parseDatasourceType, serverNameOf } from "../domain/datasource.ts";
import { type Fault, fault } from "../domain/fault.ts";
import type { JsonObject } from "../domain/json.ts";
import { parseResourceId } from "../domain/resource-id.ts";
import { failed, ok, type Result } from "../domain/result.ts";
import { resourceIdPattern } from "./names.ts";

const maxIdLength = 1024;
const text = z.string().max(maxIdLength);

/** `Datasource` and `DatasourceSet`, which differ in `objectType` only. */
const datasourceShape = {
  datasourceType: text.exactOptional(),
  resourceID: z
    .string()
    .regex(
      resourceIdPattern,
      "Expected a resource id of at most 400 characters without control characters and \\ # ? % | ~",
    ),
  resourceLocation: text.exactOptional(),
  resourceName: text.exactOptional(),
  resourceType: text.exactOptional(),
  resourceUri: text.exactOptional(),
};
export const datasourceSchema = z.object({
  objectType: z.literal("Datasource").exactOptional(),
  ...datasourceShape,
});
export const datasourceSetSchema = z.object({
  objectType: z.literal("DatasourceSet").exactOptional(),
  ...datasourceShape,
});

export const credentialsSchema = z.discriminatedUnion("objectType", [
  z.object({
    objectType: z.literal("SecretStoreBasedAuthCredentials"),
    secretStoreResource: z.object({
      uri: text.min(1),
      secretStoreType: z.enum(["AzureKeyVault"]),
    }),
  }),
]);

export function parseDatasource(
  wire: z.output<typeof datasourceSchema>,
  target: string,
): Result<Datasource, Fault> {
  const parsed = parseResourceId(wire.resourceID);
  if (parsed === undefined) {
    return failed(
      fault(
        "BMSUserErrorInvalidInput",
        {
          detail: `${target}.resourceID '${wire.resourceID}' is not a resource id of the form /subscriptions/…/resourceGroups/…/providers/…`,
        },
        { target: `${target}.resourceID` },
      ),
    );
  }
  const type = parseDatasourceType(wire.datasourceType ?? parsed.type);
  if (type === undefined || parseDatasourceType(parsed.type) !== type) {
    return failed(unsupportedDatasource(wire.datasourceType ?? parsed.type, parsed.type, target));
  }
  return ok({
    resourceId: wire.resourceID,
    resourceName: wire.resourceName ?? parsed.names.at(-1) ?? "",
    resourceType: wire.resourceType ?? parsed.type,
    datasourceType: type,
    resourceLocation: wire.resourceLocation ?? "",
    resourceUri: wire.resourceUri ?? "",
  });
}

/** The parent server, echoed as sent; its datasource type is that of the child. */
export const readDatasourceSet = (
  wire: z.output<typeof datasourceSetSchema>,
  datasource: Datasource,
): Datasource => ({
  resourceId: wire.resourceID,
  resourceName: wire.resourceName ?? parseResourceId(wire.resourceID)?.names.at(-1) ?? "",
  resourceType: wire.resourceType ?? parseResourceId(wire.resourceID)?.type ?? "",
  datasourceType: wire.datasourceType ?? datasource.datasourceType,
  resourceLocation: wire.resourceLocation ?? datasource.resourceLocation,
  resourceUri: wire.resourceUri ?? "",
});

export const readCredentials = (
  wire: z.output<typeof credentialsSchema> | undefined,
): Credentials =>
  wire === undefined ? { kind: "identity" } : { kind: "secret", uri: wire.secretStoreResource.uri };

export const presentDatasource = (
  datasource: Datasource,
  objectType: "Datasource" | "DatasourceSet",
): JsonObject => ({
  datasourceType: datasource.datasourceType,
  objectType,
  resourceID: datasource.resourceId,
  resourceLocation: datasource.resourceLocation,
  resourceName: datasource.resourceName,
  resourceType: datasource.resourceType,
  resourceUri: datasource.resourceUri,
});

/** Absent for Microsoft Entra credentials, as Azure answers for flexible servers. */
export const presentCredentials = (credentials: Credentials): JsonObject | undefined =>
  credentials.kind === "identity"
    ? undefined
    : {
        objectType: "SecretStoreBasedAuthCredentials",
        secretStoreResource: {
          secretStoreType: "AzureKeyVault",
          uri: credentials.uri,
          value: null,
        },
      };

/** `server/database`, or `server` for a whole flexible server: as `az` names instances. */
export const friendlyNameOf = (datasource: Datasource): string =>
  [serverNameOf(datasource), databaseNameOf(datasource)].filter(Boolean).join("/");

const unsupportedDatasource = (named: string, actual: string, target: string): Fault =>
  fault(
    "UserErrorNotSupported",
    {
      detail: `${target}: datasource type '${named}' of resource type '${actual}' is not protected here; use Microsoft.DBforPostgreSQL/servers/databases, Microsoft.DBforPostgreSQL/flexibleServers or Microsoft.DBforPostgreSQL/flexibleServers/databases, with a resource id of that type`,
    },
    { target: `${target}.datasourceType` },
  );
