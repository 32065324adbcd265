import { parseBody } from "../../contract/parse-body.ts";
import {
  backupPolicyResourceSchema,
  canonicalPolicy,
  presentPolicy,
} from "../../contract/policy.ts";
import { fault } from "../../domain/fault.ts";
import { formatRecordInstant } from "../../domain/instant.ts";
import { policyResourceId } from "../../domain/resource-id.ts";
import type { PolicyResource, Vault } from "../../domain/vault.ts";
import { json, orRefuse, refuse } from "./api/answers.ts";
import { guardOperation } from "./api/guard.ts";
import { loadVault, vaultRefOf } from "./api/load.ts";
import type { ApiCall, ApiOperation } from "./api/operation-record.ts";
import { policyPath } from "./api/paths.ts";
import {
  checkPolicy,
  checkRetentionChange,
  replanInstances,
  shortensRetention,
} from "./api/policy-change.ts";

export const putPolicy: ApiOperation = {
  id: "BackupPolicies_CreateOrUpdate",
  summary: "Creates or replaces a backup policy.",
  method: "PUT",
  path: policyPath,
  permission: "Microsoft.DataProtection/backupVaults/backupPolicies/write",
  body: { schema: "BaseBackupPolicyResource", required: true },
  async handle(call) {
    const wire = orRefuse(parseBody(backupPolicyResourceSchema, call.body));
    const { value: vault } = await loadVault(call);
    const properties = canonicalPolicy(wire.properties);
    const parsed = orRefuse(checkPolicy(properties));
    const policy: PolicyResource = {
      vault: vaultRefOf(call),
      name: call.param("policyName"),
      properties,
      modifiedAt: formatRecordInstant(call.clock.now()),
    };
    const saved = await save(call, vault, policy, parsed);
    return json(200, presentPolicy(saved));
  },
};

async function save(
  call: ApiCall,
  vault: Vault,
  policy: PolicyResource,
  parsed: Parameters<typeof checkRetentionChange>[2],
): Promise<PolicyResource> {
  const ref = { ...policy.vault, policyName: policy.name };
  const current = await call.catalog.policies.get(ref);
  if (current === undefined) {
    const made = await call.catalog.policies.create(policy);
    return made?.value ?? refuse(fault("Conflict", { resource: policy.name }));
  }
  orRefuse(checkRetentionChange(vault, current.value, parsed));
  if (shortensRetention(current.value, parsed)) {
    const resourceId = policyResourceId(policy.vault, policy.name);
    await guardOperation(call, vault, { operation: "updatePolicy", resourceId, requests: [] });
  }
  const saved = await call.catalog.policies.replace(policy, current.etag);
  if (saved === undefined) return refuse(fault("Conflict", { resource: policy.name }));
  await replanInstances(call, policy);
  return saved.value;
}
