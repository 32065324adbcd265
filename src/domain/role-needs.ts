import { type Fault, fault } from "./fault.ts";
import { parseResourceId } from "./resource-id.ts";
import { failed, ok, type Result } from "./result.ts";

/** A built-in role that pgvault's identity needs, and where. */
export interface RoleNeed {
  readonly role: RoleName;
  readonly roleDefinitionId: string;
  /** Id of a resource or resource group. */
  readonly scope: string;
  readonly reason: string;
}

/** Built-in roles of Azure and their ids, the same in every tenant. */
export const roleDefinitionIds = {
  Reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  "PostgreSQL Flexible Server Long Term Retention Backup Role":
    "c088a766-074b-43ba-90d4-1fb21feae531",
  "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
  "Key Vault Crypto User": "12338af0-0e69-4776-bea7-57ae8d297424",
  "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
} as const;

export type RoleName = keyof typeof roleDefinitionIds;

/** Findings that a role assignment mends. */
export const roleFindings = [
  "UserErrorMSIMissingPermissions",
  "UserErrorMissingPermissionsOnSecretStore",
  "UserErrorMissingPermissionsOnEncryptionKey",
  "UserErrorContainerNotAccessible",
] as const;
export type RoleFinding = (typeof roleFindings)[number];

export interface Reach {
  /** Id of the server or database that is backed up or restored to. */
  readonly datasourceId: string;
  /** URI of the secret; one of the local file needs no role. */
  readonly secretUri?: string;
  readonly keyVaultId?: string;
  /** Id of the Key Vault, or of its key, that encrypts recovery points. */
  readonly encryptionKeyId?: string;
  /** Id of the storage account or container that files are restored to. */
  readonly containerId?: string;
  /** Only what mends these; absent: everything. */
  readonly missing?: readonly RoleFinding[];
}

/** The roles that a reach needs. Fails where an id is missing or of another type. */
export function planRoleNeeds(reach: Reach): Result<readonly RoleNeed[], Fault> {
  const wanted = (finding: RoleFinding) => reach.missing?.includes(finding) ?? true;
  const parts = [
    ...(wanted("UserErrorMSIMissingPermissions") ? [serverNeeds(reach.datasourceId)] : []),
    ...(wanted("UserErrorMissingPermissionsOnSecretStore") ? [secretNeeds(reach)] : []),
    ...(wanted("UserErrorMissingPermissionsOnEncryptionKey")
      ? [encryptionKeyNeeds(reach.encryptionKeyId)]
      : []),
    ...(wanted("UserErrorContainerNotAccessible") ? [containerNeeds(reach.containerId)] : []),
  ];
  const refusal = parts.find((part) => !part.ok);
  if (refusal !== undefined) return refusal;
  return ok(parts.flatMap((part) => (part.ok ? part.value : [])));
}

type Needs = Result<readonly RoleNeed[], Fault>;

/** Azure reads the server's properties: by Reader, or for flexible servers by a role of their own. */
function serverNeeds(datasourceId: string): Needs {
  const [, group = "", server = "", type = ""] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+)(\/providers\/Microsoft\.DBforPostgreSQL\/(servers|flexibleServers)\/[^/]+)/i.exec(
      datasourceId,
    ) ?? [];
  if (server === "") return refused("dataSourceInfo.resourceID", datasourceId, "PostgreSQL server");
  const scope = `${group}${server}`;
  return ok(
    type.toLowerCase() === "servers"
      ? [need("Reader", scope, "Reads the properties of the server.")]
      : [
          need(
            "PostgreSQL Flexible Server Long Term Retention Backup Role",
            scope,
            "Reads and backs up the server.",
          ),
          need("Reader", group, "Finds the server in its resource group."),
        ],
  );
}

function secretNeeds({ secretUri, keyVaultId }: Reach): Needs {
  if (secretUri === undefined || localSecret.test(secretUri)) return ok([]);
  const vault = vaultNameIn(secretUri);
  if (keyVaultId === undefined) {
    return failed(
      invalid(
        "keyVaultId",
        `Secret '${secretUri}' names Key Vault '${vault}' but not its resource group: send keyVaultId, the vault's resource id`,
      ),
    );
  }
  const parsed = parseResourceId(keyVaultId);
  if (parsed?.type.toLowerCase() !== "microsoft.keyvault/vaults") {
    return refused("keyVaultId", keyVaultId, "Key Vault");
  }
  const [name = ""] = parsed.names;
  if (name.toLowerCase() !== vault.toLowerCase()) {
    const detail = `keyVaultId names Key Vault '${name}', the secret '${secretUri}' lies in '${vault}'`;
    return failed(invalid("keyVaultId", detail));
  }
  const reason = "Reads the connection string of the server at each backup.";
  return ok([need("Key Vault Secrets User", keyVaultId, reason)]);
}

function encryptionKeyNeeds(encryptionKeyId: string | undefined): Needs {
  if (encryptionKeyId === undefined) return ok([]);
  const type = parseResourceId(encryptionKeyId)?.type.toLowerCase();
  const reason = "Wraps and unwraps the data keys of recovery points.";
  return type === "microsoft.keyvault/vaults" || type === "microsoft.keyvault/vaults/keys"
    ? ok([need("Key Vault Crypto User", encryptionKeyId, reason)])
    : refused("encryptionKeyId", encryptionKeyId, "Key Vault or its key");
}

function containerNeeds(containerId: string | undefined): Needs {
  if (containerId === undefined) return ok([]);
  const type = parseResourceId(containerId)?.type.toLowerCase();
  return type === "microsoft.storage/storageaccounts" ||
    type === "microsoft.storage/storageaccounts/blobservices/containers"
    ? ok([need("Storage Blob Data Contributor", containerId, "Writes restored files there.")])
    : refused("containerId", containerId, "storage account or blob container");
}

const need = (role: RoleName, scope: string, reason: string): RoleNeed => ({
  role,
  roleDefinitionId: roleDefinitionIds[role],
  scope: scope.replace(/\/+$/, ""),
  reason,
});

const localSecret = /^https:\/\/pgvault\.localhost\//i;

const vaultNameIn = (secretUri: string): string =>
  /^https:\/\/([^./]+)\./i.exec(secretUri)?.[1] ?? "";

const refused = (target: string, id: string, what: string): Needs =>
  failed(invalid(target, `${target} '${id}' is not the resource id of a ${what}`));

const invalid = (target: string, detail: string): Fault =>
  fault("BMSUserErrorInvalidInput", { detail }, { target });
