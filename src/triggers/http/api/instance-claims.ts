import { refOf } from "../../../contract/backup-instance.ts";
import type { BackupInstance } from "../../../domain/backup-instance.ts";
import { fault } from "../../../domain/fault.ts";
import { instanceKey, instanceResourceId } from "../../../domain/resource-id.ts";
import type { PolicyResource } from "../../../domain/vault.ts";
import { refuse } from "./answers.ts";
import type { ApiCall } from "./operation-record.ts";

/** The policy that the instance names, which must exist in its vault and be for its datasource. */
export async function requirePolicy(
  call: ApiCall,
  instance: BackupInstance,
): Promise<PolicyResource> {
  const { vault, policyName, datasource } = instance;
  const policy = await call.catalog.policies.get({ ...vault, policyName });
  if (policy === undefined) {
    return refuse(
      fault(
        "UserErrorPolicyNotFound",
        { policy: policyName, vault: vault.vaultName },
        { target: "properties.policyInfo.policyId" },
      ),
    );
  }
  const { datasourceTypes } = policy.value.properties;
  const [type] = Array.isArray(datasourceTypes) ? datasourceTypes : [];
  return typeof type === "string" && type.toLowerCase() !== datasource.datasourceType.toLowerCase()
    ? refuse(
        fault("BMSUserErrorInvalidInput", {
          detail: `policy '${policyName}' is for ${type}, the datasource is of type ${datasource.datasourceType}`,
        }),
      )
    : policy.value;
}

/** Reserves the datasource for the instance; at most one instance protects it, over all vaults. */
export async function claimDatasource(call: ApiCall, instance: BackupInstance): Promise<void> {
  const ref = refOf(instance);
  const holder = await call.catalog.instances.claimDatasource(instance.datasource.resourceId, ref);
  if (instanceKey(holder) === instanceKey(ref)) return;
  refuse(
    fault(
      "UserErrorDppDatasourceAlreadyProtected",
      { datasource: instance.datasource.resourceId, instance: instanceResourceId(holder) },
      { target: "properties.dataSourceInfo.resourceID" },
    ),
  );
}
