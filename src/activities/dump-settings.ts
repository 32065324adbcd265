import type { Json, JsonObject } from "../domain/json.ts";
import type { TransferSettings } from "../domain/settings.ts";
import type { DumpSettings } from "../ports/data-mover.ts";

/**
 * Settings of the host plus the exclusions of the backup instance. Exclusions are pgvault's
 * extension of `policyInfo.policyParameters.backupDatasourceParametersList[]`: an entry of
 * objectType `PgvaultDatasourceParameters` with excludedSchemas, excludedTables and
 * excludedTableData, each a list of names (`schema.table`) or patterns with `*`.
 */
export function dumpSettingsOf(
  transfer: TransferSettings,
  policyParameters: JsonObject | undefined,
): DumpSettings {
  const parameters = findParameters(policyParameters);
  const excludeSchemas = textsOf(parameters?.["excludedSchemas"]);
  const excludeTables = textsOf(parameters?.["excludedTables"]);
  const excludeTableData = textsOf(parameters?.["excludedTableData"]);
  return {
    connections: transfer.connections,
    compression: transfer.compression,
    compressionLevel: transfer.compressionLevel,
    ...(transfer.encryptionKeyId === undefined
      ? {}
      : { encryptionKeyId: transfer.encryptionKeyId }),
    ...(excludeSchemas.length === 0 ? {} : { excludeSchemas }),
    ...(excludeTables.length === 0 ? {} : { excludeTables }),
    ...(excludeTableData.length === 0 ? {} : { excludeTableData }),
  };
}

function findParameters(policyParameters: JsonObject | undefined): JsonObject | undefined {
  const list = policyParameters?.["backupDatasourceParametersList"];
  if (!Array.isArray(list)) return undefined;
  return list.filter(isObject).find((entry) => entry["objectType"] === parametersType);
}

const parametersType = "PgvaultDatasourceParameters";

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item: Json) => typeof item === "string") : [];
