import { describe, expect, test } from "vitest";
import { planRoleNeeds, type Reach } from "../../src/domain/role-needs.ts";

const group = "/subscriptions/s1/resourceGroups/Data-RG";
const single = `${group}/providers/Microsoft.DBforPostgreSQL/servers/pg1/databases/shop`;
const flexible = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg2/databases/shop`;
const keyVaultId = "/subscriptions/s1/resourceGroups/Sec/providers/Microsoft.KeyVault/vaults/kv1";
const secretUri = "https://kv1.vault.azure.net/secrets/pg1";
const account =
  "/subscriptions/s2/resourceGroups/Files/providers/Microsoft.Storage/storageAccounts/acc";

const planned = (reach: Reach) => {
  const result = planRoleNeeds(reach);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.map(({ role, roleDefinitionId, scope }) => [role, roleDefinitionId, scope]);
};
const refusal = (reach: Reach) => {
  const result = planRoleNeeds(reach);
  if (result.ok) throw new Error("accepted");
  return result.error;
};

const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

describe("the Azure roles that pgvault's identity needs", () => {
  test("are Reader on a single server", () => {
    expect(planned({ datasourceId: single })).toEqual([
      ["Reader", reader, `${group}/providers/Microsoft.DBforPostgreSQL/servers/pg1`],
    ]);
  });

  test("are the long-term-retention role on a flexible server, and Reader on its group", () => {
    expect(planned({ datasourceId: flexible })).toEqual([
      [
        "PostgreSQL Flexible Server Long Term Retention Backup Role",
        "c088a766-074b-43ba-90d4-1fb21feae531",
        `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg2`,
      ],
      ["Reader", reader, group],
    ]);
  });

  test("are Key Vault Secrets User where the secret lies in a Key Vault", () => {
    expect(planned({ datasourceId: single, secretUri, keyVaultId })).toContainEqual([
      "Key Vault Secrets User",
      "4633458b-17de-408a-b874-0445c86b69e6",
      keyVaultId,
    ]);
    const local = "https://pgvault.localhost/secrets/pg1";
    expect(planned({ datasourceId: single, secretUri: local })).toHaveLength(1);
  });

  test.each([keyVaultId, `${keyVaultId}/keys/main`])(
    "are Key Vault Crypto User on %s, where it encrypts recovery points",
    (encryptionKeyId) => {
      expect(planned({ datasourceId: single, encryptionKeyId })).toContainEqual([
        "Key Vault Crypto User",
        "12338af0-0e69-4776-bea7-57ae8d297424",
        encryptionKeyId,
      ]);
      const missing = ["UserErrorMissingPermissionsOnEncryptionKey"] as const;
      expect(planned({ datasourceId: single, encryptionKeyId, missing })).toHaveLength(1);
    },
  );

  test.each([account, `${account}/blobServices/default/containers/restored`])(
    "are Storage Blob Data Contributor on %s",
    (containerId) => {
      expect(planned({ datasourceId: single, containerId })).toContainEqual([
        "Storage Blob Data Contributor",
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        containerId,
      ]);
    },
  );

  test("are only those that mend the named findings", () => {
    const reach = { datasourceId: flexible, secretUri, keyVaultId, containerId: account };
    const roles = (missing: Reach["missing"]) =>
      planned({ ...reach, ...(missing && { missing }) }).map(([role]) => role);
    expect(roles(undefined)).toHaveLength(4);
    expect(roles(["UserErrorMissingPermissionsOnSecretStore"])).toEqual(["Key Vault Secrets User"]);
    expect(roles(["UserErrorContainerNotAccessible"])).toEqual(["Storage Blob Data Contributor"]);
    expect(roles(["UserErrorMSIMissingPermissions"])).toHaveLength(2);
  });

  test.each([
    ["a Key Vault whose resource group is not known", { secretUri }, "keyVaultId", /kv1/],
    [
      "a Key Vault that is not the secret's",
      { secretUri, keyVaultId: keyVaultId.replace("kv1", "kv2") },
      "keyVaultId",
      /kv2.*kv1/,
    ],
    [
      "a Key Vault id that is a storage account's",
      { secretUri, keyVaultId: account },
      "keyVaultId",
      /acc/,
    ],
    [
      "an encryption key that is a storage account's",
      { encryptionKeyId: account },
      "encryptionKeyId",
      /acc/,
    ],
    ["a container id that is a Key Vault's", { containerId: keyVaultId }, "containerId", /kv1/],
  ] as const)("cannot be told for %s", (_what, reach, target, names) => {
    const error = refusal({ datasourceId: single, ...reach });
    expect(error).toMatchObject({ code: "BMSUserErrorInvalidInput", target });
    expect(error.message).toMatch(names);
  });

  test("cannot be told for what is no PostgreSQL server", () => {
    expect(refusal({ datasourceId: account }).target).toBe("dataSourceInfo.resourceID");
  });
});
