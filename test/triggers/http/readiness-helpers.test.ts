import { beforeEach, describe, expect, test } from "vitest";
import { instanceName, seedSample } from "./sample-requests.ts";
import { createTestApi, type TestApi, vaultId } from "./test-api.ts";

let api: TestApi;
beforeEach(async () => {
  api = createTestApi();
  await seedSample(api);
});

const server =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/servers/pg1";
const dataSourceInfo = { resourceID: `${server}/databases/shop` };

describe("the grant script", () => {
  const ask = (body: object) => api.send("POST", `${vaultId}/grantScript`, body);

  test("asks nobody when the request names role and version", async () => {
    const answer = await ask({ dataSourceInfo, role: "back-up@x", serverMajorVersion: 15 });
    expect(answer).toMatchObject({
      status: 200,
      body: { database: "shop", role: "back-up@x", serverMajorVersion: 15 },
    });
    expect(answer.body.sql).toContain('GRANT CONNECT ON DATABASE "shop" TO "back-up@x";');
    expect(answer.body.powerShell).toContain(answer.body.sql.trimEnd());
    expect(answer.body.revokeSql).toContain('REVOKE pg_read_all_data FROM "back-up@x"');
    expect(answer.body.revokePowerShell).toContain(answer.body.revokeSql.trimEnd());
  });

  test("is written for a backup instance by its name", async () => {
    const answer = await ask({ instanceName, role: "r", serverMajorVersion: 13, owners: ["app"] });
    expect(answer).toMatchObject({ status: 200, body: { database: "postgres", role: "r" } });
    expect(answer.body.sql).toContain("'app'");
  });

  test("reads the role from the credentials otherwise, and says why it cannot", async () => {
    const answer = await ask({ instanceName });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: "UserErrorInvalidSecret" } },
    });
  });

  test.each([
    ["neither instance nor datasource", {}],
    ["both", { instanceName, dataSourceInfo }],
    ["a role without name", { instanceName, role: "" }],
    ["a version that never was", { instanceName, serverMajorVersion: 1 }],
  ])("is refused for %s", async (_what, body) => {
    expect(await ask(body)).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidRequestContent" } },
    });
  });

  test("is refused for an instance or vault that does not exist", async () => {
    expect((await ask({ instanceName: "nobody" })).status).toBe(404);
    const elsewhere = vaultId.replace("vault1", "vault2");
    expect((await api.send("POST", `${elsewhere}/grantScript`, { instanceName })).status).toBe(404);
  });
});

describe("the role-assignment template", () => {
  const ask = (body: object) => api.send("POST", `${vaultId}/roleAssignmentTemplate`, body);
  const keyVaultId =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1";
  const datasourceAuthCredentials = {
    objectType: "SecretStoreBasedAuthCredentials",
    secretStoreResource: {
      uri: "https://kv1.vault.azure.net/secrets/pg1",
      secretStoreType: "AzureKeyVault",
    },
  };

  test("names the roles and carries the template that assigns them", async () => {
    const answer = await ask({ dataSourceInfo, datasourceAuthCredentials, keyVaultId });
    expect(answer.status).toBe(200);
    expect(answer.body.roleAssignments).toMatchObject([
      { role: "Reader", scope: server },
      { role: "Key Vault Secrets User", scope: keyVaultId },
    ]);
    expect(answer.body.template.resources[0].properties.template.resources).toHaveLength(2);
  });

  test("holds only what the named findings need", async () => {
    const answer = await ask({
      dataSourceInfo,
      datasourceAuthCredentials,
      keyVaultId,
      missing: ["UserErrorMissingPermissionsOnSecretStore"],
    });
    expect(answer.body.roleAssignments).toMatchObject([{ role: "Key Vault Secrets User" }]);
  });

  test("covers the key that encrypts recovery points", async () => {
    const encryptionKeyId = `${keyVaultId}/keys/main`;
    const answer = await ask({ dataSourceInfo, encryptionKeyId });
    expect(answer.body.roleAssignments).toMatchObject([
      { role: "Reader" },
      { role: "Key Vault Crypto User", scope: encryptionKeyId },
    ]);
    expect(JSON.stringify(answer.body.template)).toContain("12338af0-0e69-4776-bea7-57ae8d297424");
  });

  test("knows pgvault's own identity where the settings name it", async () => {
    const principalId = "11111111-2222-4333-8444-555555555555";
    api = createTestApi({ identity: { principalId, tenantId: "t" } });
    await seedSample(api);
    const answer = await ask({ dataSourceInfo });
    expect(answer.body.template.parameters.principalId.defaultValue).toBe(principalId);
  });

  test.each([
    ["a secret whose Key Vault is not located", { dataSourceInfo, datasourceAuthCredentials }],
    [
      "findings that nothing in the request can have",
      { dataSourceInfo, missing: ["UserErrorContainerNotAccessible"] },
    ],
  ])("is refused for %s", async (_what, body) => {
    expect(await ask(body)).toMatchObject({
      status: 400,
      body: { error: { code: "BMSUserErrorInvalidInput" } },
    });
  });
});
