import { describe, expect, test } from "vitest";
import { requestSchemas } from "../../../src/contract/schemas.ts";
import { apiOperations } from "../../../src/triggers/http/api/operations.ts";
import { createTestApi, tokens } from "./test-api.ts";

const document = async () => (await createTestApi().send("GET", "/openapi.json")).body;

describe("the OpenAPI document", () => {
  test("names every operation with its path, places, body and answers", async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe("3.1.0");
    for (const operation of apiOperations) {
      const path = operation.path.replace("{*resourceId}", "/{resourceId}");
      const described = paths[path]?.[operation.method.toLowerCase()];
      expect(described, operation.id).toMatchObject({ operationId: operation.id });
      const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = described.parameters as { name: string; in: string }[];
      expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(places);
      expect(described.requestBody === undefined).toBe(operation.body === undefined);
    }
  });

  test("operation ids are unique and every reference leads somewhere", async () => {
    const whole = await document();
    const ids = Object.values(
      whole.paths as Record<string, Record<string, { operationId: string }>>,
    )
      .flatMap((entry) => Object.values(entry))
      .map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...JSON.stringify(whole).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name] of references) {
      expect(Object.keys(whole.components.schemas)).toContain(name);
    }
  });

  test("schemas are those that bodies are parsed with, and every one of them is used", async () => {
    const { components } = await document();
    expect(components.schemas.BackupVaultResource.required).toEqual(["location", "properties"]);
    expect(components.schemas.TriggerBackupRequest.properties.backupRuleOptions.required).toEqual([
      "ruleName",
    ]);
    const used = new Set(apiOperations.map(({ body }) => body?.schema));
    expect(
      Object.keys(requestSchemas).filter((name) => !used.has(name as "UnlockDeleteRequest")),
    ).toEqual([]);
  });

  test("the reference page lists every operation and runs no script", async () => {
    const { send } = createTestApi();
    const answer = await send("GET", "/reference", undefined, { token: tokens.reader });
    expect(answer.headers["content-type"]).toContain("text/html");
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    for (const { id } of apiOperations) expect(answer.body).toContain(`<h2>${id}</h2>`);
  });
});
