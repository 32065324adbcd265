import { z } from "zod";
import { newestApiVersion } from "../../../contract/api-version.ts";
import { cloudErrorSchema } from "../../../contract/error-schema.ts";
import { requestSchemas } from "../../../contract/schemas.ts";
import type { Json, JsonObject } from "../../../domain/json.ts";
import { type ApiOperation, answersOf } from "./operation-record.ts";
import { parameterPatterns } from "./paths.ts";

/** OpenAPI 3.1 of all operations, from the schemas that the handlers parse with. */
export const createOpenApi = (operations: readonly ApiOperation[]): JsonObject => ({
  openapi: "3.1.0",
  info: {
    title: "pgvault",
    version: newestApiVersion,
    description:
      "A Backup vault for PostgreSQL that speaks the wire contract of Azure's Microsoft.DataProtection provider. Property names and enum values are read in any casing.",
    license: { name: "MIT", identifier: "MIT" },
  },
  security: [{ bearer: [] }],
  paths: pathsOf(operations),
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    schemas: Object.fromEntries([
      ...Object.entries(requestSchemas).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
      ["CloudError", jsonSchemaOf(cloudErrorSchema)],
    ]),
  },
});

function pathsOf(operations: readonly ApiOperation[]): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    for (const [index, path] of [operation.path, ...(operation.aliases ?? [])].entries()) {
      const template = path.replace("{*resourceId}", "/{resourceId}");
      const entry = (paths[template] ??= {});
      const suffix = index === 0 ? "" : `_${index + 1}`;
      entry[operation.method.toLowerCase()] = describe(operation, template, suffix);
    }
  }
  return paths;
}

const describe = (operation: ApiOperation, path: string, suffix: string): JsonObject => ({
  operationId: `${operation.id}${suffix}`,
  summary: operation.summary,
  description: `Needs the action ${operation.permission}.`,
  tags: [operation.id.split("_")[0] ?? ""],
  parameters: [...pathParameters(path), ...(operation.unversioned === true ? [] : [apiVersion])],
  ...(operation.body === undefined
    ? {}
    : {
        requestBody: {
          required: operation.body.required,
          content: { "application/json": { schema: reference(operation.body.schema) } },
        },
      }),
  responses: {
    ...Object.fromEntries(
      answersOf(operation).map((status) => [String(status), { description: meaning(status) }]),
    ),
    default: {
      description: "An error in ARM's shape.",
      content: { "application/json": { schema: reference("CloudError") } },
    },
  },
});

const pathParameters = (path: string): JsonObject[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", pattern: parameterPatterns[name]?.source ?? ".+" },
  }));

const apiVersion: JsonObject = {
  name: "api-version",
  in: "query",
  required: true,
  schema: {
    type: "string",
    pattern: "^\\d{4}-\\d{2}-\\d{2}(-preview)?$",
    default: newestApiVersion,
  },
};

const meaning = (status: number): string =>
  ({
    201: "Created; poll Azure-AsyncOperation where it is given.",
    202: "Accepted; poll Azure-AsyncOperation, then Location.",
    204: "Nothing was there to do.",
  })[status] ?? "Done.";

const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` });

/** What clients may send; readers are more tolerant than this (contract/canonical.ts). */
function jsonSchemaOf(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  const plain: JsonObject = JSON.parse(JSON.stringify(rest));
  return plain;
}
