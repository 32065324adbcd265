import { z } from "zod";
import type { JsonObject } from "../domain/json.ts";
import { credentialsSchema, datasourceSchema } from "./datasource.ts";

/** PostgreSQL's limit for names, in bytes; longer texts name nothing. */
const roleName = z.string().min(1).max(63);

/** pgvault's own: what is to be backed up, by name of its backup instance or described. */
export const grantScriptRequestSchema = z.object({
  instanceName: z.string().min(1).max(150).exactOptional(),
  dataSourceInfo: datasourceSchema.exactOptional(),
  datasourceAuthCredentials: credentialsSchema.exactOptional(),
  /** Default: the role that the credentials name. */
  role: roleName.exactOptional(),
  /** Roles that will create objects but own none yet. */
  owners: z.array(roleName).max(100).exactOptional(),
  /** 15, 9.6; default: the server is asked. */
  serverMajorVersion: z.number().min(9.6).max(99).exactOptional(),
});

export const presentGrantScript = (script: {
  readonly database: string;
  readonly role: string;
  readonly serverMajor: number;
  readonly sql: string;
  readonly powerShell: string;
  readonly revokeSql: string;
  readonly revokePowerShell: string;
}): JsonObject => ({
  database: script.database,
  role: script.role,
  serverMajorVersion: script.serverMajor,
  sql: script.sql,
  powerShell: script.powerShell,
  revokeSql: script.revokeSql,
  revokePowerShell: script.revokePowerShell,
});
