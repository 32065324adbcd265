import {
  checkNameSchema,
  type NameVerdict,
  presentNameVerdict,
} from "../../contract/availability.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { json, orRefuse } from "./api/answers.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { groupLocationPath, parameterPatterns } from "./api/paths.ts";

export const checkNameAvailability: ApiOperation = {
  id: "BackupVaults_CheckNameAvailability",
  summary: "Tells whether a vault name is free in a resource group.",
  method: "POST",
  path: `${groupLocationPath}/checkNameAvailability`,
  permission: "Microsoft.DataProtection/locations/checkNameAvailability/action",
  body: { schema: "CheckNameAvailabilityRequest", required: true },
  async handle(call) {
    const { name } = orRefuse(parseBody(checkNameSchema, call.body));
    return json(200, presentNameVerdict(await verdictOn(call, name)));
  },
};

async function verdictOn(call: ApiCall, vaultName: string): Promise<NameVerdict> {
  if (parameterPatterns["vaultName"]?.test(vaultName) !== true) {
    const message = `'${vaultName}' is no vault name: 2 to 50 letters, digits and hyphens, a letter first and no hyphen last.`;
    return { available: false, reason: "Invalid", message };
  }
  const taken = await call.catalog.vaults.get({
    subscriptionId: call.param("subscriptionId"),
    resourceGroup: call.param("resourceGroup"),
    vaultName,
  });
  if (taken === undefined) return { available: true };
  const message = `A vault named '${taken.value.vaultName}' exists in this resource group.`;
  return { available: false, reason: "AlreadyExists", message };
}
