import { fault } from "../../domain/fault.ts";
import { empty, refuse } from "./api/answers.ts";
import { vaultRefOf } from "./api/load.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { policyPath } from "./api/paths.ts";

/** So many users of a policy are counted in the refusal to delete it. */
const maxCounted = 100;

export const deletePolicy: ApiOperation = {
  id: "BackupPolicies_Delete",
  summary: "Deletes a backup policy that protects nothing.",
  method: "DELETE",
  path: policyPath,
  permission: "Microsoft.DataProtection/backupVaults/backupPolicies/delete",
  answers: [200, 204],
  async handle(call) {
    const vault = vaultRefOf(call);
    const policyName = call.param("policyName");
    const users = await call.catalog.instances.ofPolicy(vault, policyName, maxCounted);
    const [instance] = users;
    if (instance !== undefined) {
      return refuse(
        fault("UserErrorPolicyInUse", { policy: policyName, count: users.length, instance }),
      );
    }
    return empty((await call.catalog.policies.delete({ ...vault, policyName })) ? 200 : 204);
  },
};
