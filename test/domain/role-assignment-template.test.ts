import { expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { roleAssignmentTemplate } from "../../src/domain/role-assignment-template.ts";
import { planRoleNeeds } from "../../src/domain/role-needs.ts";

const group = "/subscriptions/s1/resourceGroups/Data-RG";

function templateFor(server: string, principal = {}): Template {
  const needs = planRoleNeeds({
    datasourceId: `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${server}`,
    secretUri: "https://kv1.vault.azure.net/secrets/pg",
    keyVaultId: `${group.toUpperCase()}/providers/Microsoft.KeyVault/vaults/kv1`,
    containerId:
      "/subscriptions/s2/resourceGroups/Files/providers/Microsoft.Storage/storageAccounts/acc/blobServices/default/containers/out",
  });
  if (!needs.ok) throw new Error(needs.error.message);
  return roleAssignmentTemplate(needs.value, principal) as unknown as Template;
}

interface Template {
  readonly $schema: string;
  readonly parameters: Record<string, { defaultValue?: string }>;
  readonly resources: readonly Deployment[];
}
interface Deployment {
  readonly type: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly properties: {
    readonly expressionEvaluationOptions: JsonObject;
    readonly parameters: JsonObject;
    readonly template: {
      readonly parameters: JsonObject;
      readonly resources: readonly Assignment[];
    };
  };
}
interface Assignment {
  readonly type: string;
  readonly scope?: string;
  readonly name: string;
  readonly properties: Record<string, string>;
}

test("one nested deployment goes to each resource group, whatever the case of its id", () => {
  const { $schema, resources } = templateFor("pg1");
  expect($schema).toMatch(/subscriptionDeploymentTemplate\.json#$/);
  expect(
    resources.map(({ type, subscriptionId, resourceGroup, properties }) => [
      type,
      subscriptionId,
      resourceGroup,
      properties.template.resources.map(({ scope }) => scope),
    ]),
  ).toEqual([
    [
      "Microsoft.Resources/deployments",
      "s1",
      "Data-RG",
      ["Microsoft.DBforPostgreSQL/flexibleServers/pg1", undefined, "Microsoft.KeyVault/vaults/kv1"],
    ],
    [
      "Microsoft.Resources/deployments",
      "s2",
      "Files",
      ["Microsoft.Storage/storageAccounts/acc/blobServices/default/containers/out"],
    ],
  ]);
});

test("inner templates evaluate their own expressions and are handed every parameter they name", () => {
  for (const { properties, name } of templateFor("pg1").resources) {
    expect(name.length).toBeLessThanOrEqual(64);
    expect(properties.expressionEvaluationOptions).toEqual({ scope: "inner" });
    const { template, parameters } = properties;
    expect(Object.keys(parameters)).toEqual(Object.keys(template.parameters));
    const named = [...JSON.stringify(template.resources).matchAll(/parameters\('(\w+)'\)/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, parameter = ""] of named) expect(Object.keys(parameters)).toContain(parameter);
  }
});

test("assignments are named by guid() of scope, principal and role, so that they differ and repeat", () => {
  const names = (template: Template) =>
    template.resources.flatMap(({ properties }) =>
      properties.template.resources.map(({ name }) => name),
    );
  const once = names(templateFor("pg1"));
  expect(once).toEqual(names(templateFor("pg1")));
  expect(new Set(once).size).toBe(4);
  expect(once[0]).toBe(
    "[guid('/subscriptions/s1/resourcegroups/data-rg/providers/microsoft.dbforpostgresql/flexibleservers/pg1', parameters('principalId'), 'c088a766-074b-43ba-90d4-1fb21feae531')]",
  );
  expect(names(templateFor("it's"))[0]).toContain("flexibleservers/it''s'");
});

test("each assignment gives the built-in role to the principal of the parameters", () => {
  for (const { properties } of templateFor("pg1").resources) {
    for (const assignment of properties.template.resources) {
      expect(assignment.type).toBe("Microsoft.Authorization/roleAssignments");
      expect(assignment.properties).toMatchObject({
        roleDefinitionId: expect.stringMatching(
          /^\[subscriptionResourceId\('Microsoft\.Authorization\/roleDefinitions', '[0-9a-f-]{36}'\)\]$/,
        ),
        principalId: "[parameters('principalId')]",
        principalType: "[parameters('principalType')]",
      });
    }
  }
});

test("the principal is asked for at deployment unless it is known", () => {
  expect(templateFor("pg1").parameters["principalId"]).not.toHaveProperty("defaultValue");
  const known = templateFor("pg1", { principalId: "11111111-2222-4333-8444-555555555555" });
  expect(known.parameters["principalId"]?.defaultValue).toBe(
    "11111111-2222-4333-8444-555555555555",
  );
});
