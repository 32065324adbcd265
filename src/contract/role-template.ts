import { z } from "zod";
import type { JsonObject } from "../domain/json.ts";
import { type RoleNeed, roleFindings } from "../domain/role-needs.ts";
import { credentialsSchema, datasourceSchema } from "./datasource.ts";

const resourceId = z.string().min(1).max(1024);

/** pgvault's own: what its identity must reach, by name of a backup instance or described. */
export const roleTemplateRequestSchema = z.object({
  instanceName: z.string().min(1).max(150).exactOptional(),
  dataSourceInfo: datasourceSchema.exactOptional(),
  datasourceAuthCredentials: credentialsSchema.exactOptional(),
  /** Resource id of the Key Vault that holds the secret: the secret's URI does not tell it. */
  keyVaultId: resourceId.exactOptional(),
  /** Resource id of the Key Vault, or of its key, that encrypts recovery points. */
  encryptionKeyId: resourceId.exactOptional(),
  /** Resource id of the storage account or blob container that files are restored to. */
  containerId: resourceId.exactOptional(),
  /** Object id of the identity; default: pgvault's own where it is known. */
  principalId: z.guid().exactOptional(),
  /** Codes of findings: only the roles that mend these. */
  missing: z.array(z.enum(roleFindings)).min(1).max(roleFindings.length).exactOptional(),
});

export const presentRoleTemplate = (
  needs: readonly RoleNeed[],
  template: JsonObject,
): JsonObject => ({
  roleAssignments: needs.map(({ role, roleDefinitionId, scope, reason }) => ({
    role,
    roleDefinitionId,
    scope,
    reason,
  })),
  template,
});
