import { parseBody } from "../../contract/parse-body.ts";
import { presentRoleTemplate, roleTemplateRequestSchema } from "../../contract/role-template.ts";
import { fault } from "../../domain/fault.ts";
import { roleAssignmentTemplate } from "../../domain/role-assignment-template.ts";
import { planRoleNeeds } from "../../domain/role-needs.ts";
import { json, orRefuse, refuse } from "./api/answers.ts";
import { loadVault } from "./api/load.ts";
import { readNamedDatasource } from "./api/named-datasource.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

/** pgvault's own: Azure's portal offers such a template for download. */
export const postRoleTemplate: ApiOperation = {
  id: "BackupVaults_WriteRoleAssignmentTemplate",
  summary:
    "Writes the ARM template that gives pgvault's identity the Azure roles it needs (pgvault extension).",
  method: "POST",
  path: `${vaultPath}/roleAssignmentTemplate`,
  permission: "Microsoft.DataProtection/backupVaults/validateForBackup/action",
  body: { schema: "RoleAssignmentTemplateRequest", required: true },
  async handle(call) {
    const wire = orRefuse(parseBody(roleTemplateRequestSchema, call.body));
    await loadVault(call);
    const { datasource, credentials } = await readNamedDatasource(call, wire);
    const { keyVaultId, encryptionKeyId, containerId, missing } = wire;
    const needs = orRefuse(
      planRoleNeeds({
        datasourceId: datasource.resourceId,
        ...(credentials.kind === "secret" ? { secretUri: credentials.uri } : {}),
        ...(keyVaultId === undefined ? {} : { keyVaultId }),
        ...(encryptionKeyId === undefined ? {} : { encryptionKeyId }),
        ...(containerId === undefined ? {} : { containerId }),
        ...(missing === undefined ? {} : { missing }),
      }),
    );
    if (needs.length === 0) return refuse(nothingToAssign);
    const principalId = wire.principalId ?? call.settings.identity?.principalId;
    const principal = principalId === undefined ? {} : { principalId };
    return json(200, presentRoleTemplate(needs, roleAssignmentTemplate(needs, principal)));
  },
};

const nothingToAssign = fault("BMSUserErrorInvalidInput", {
  detail:
    "No role is needed for what the request names: send containerId for UserErrorContainerNotAccessible, encryptionKeyId for UserErrorMissingPermissionsOnEncryptionKey, a Key Vault secret for UserErrorMissingPermissionsOnSecretStore",
});
