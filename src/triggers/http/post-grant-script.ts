import { grantScriptRequestSchema, presentGrantScript } from "../../contract/grant-script.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { json, orRefuse } from "./api/answers.ts";
import { loadVault } from "./api/load.ts";
import { readNamedDatasource } from "./api/named-datasource.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { vaultPath } from "./api/paths.ts";

/** pgvault's own: Azure has the script in its documentation only. */
export const postGrantScript: ApiOperation = {
  id: "BackupVaults_WriteGrantScript",
  summary:
    "Writes the SQL and PowerShell that let a role back up a database, and those that take it back (pgvault extension).",
  method: "POST",
  path: `${vaultPath}/grantScript`,
  permission: "Microsoft.DataProtection/backupVaults/validateForBackup/action",
  body: { schema: "GrantScriptRequest", required: true },
  async handle(call) {
    const wire = orRefuse(parseBody(grantScriptRequestSchema, call.body));
    await loadVault(call);
    const named = await readNamedDatasource(call, wire);
    const { role, owners, serverMajorVersion: serverMajor } = wire;
    const script = await call.writeGrantScript({
      ...named,
      ...(role === undefined ? {} : { role }),
      ...(owners === undefined ? {} : { owners }),
      ...(serverMajor === undefined ? {} : { serverMajor }),
    });
    return json(200, presentGrantScript(script));
  },
};
