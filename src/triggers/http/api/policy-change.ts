import { type Fault, fault } from "../../../domain/fault.ts";
import type { JsonObject } from "../../../domain/json.ts";
import { parsePolicy } from "../../../domain/policy/parse-policy.ts";
import type { BackupPolicy } from "../../../domain/policy/policy.ts";
import { decidePolicyChange } from "../../../domain/policy/policy-change.ts";
import { failed, ok, type Result } from "../../../domain/result.ts";
import type { PolicyResource, Vault } from "../../../domain/vault.ts";
import { startWorkflow } from "../../start-workflow.ts";
import type { ApiCall } from "./operation-record.ts";

/** At most so many problems of one policy are listed. */
const maxProblems = 10;

/** The policy as the engine decides with it, or everything that is wrong with it. */
export function checkPolicy(properties: JsonObject): Result<BackupPolicy, Fault> {
  const parsed = parsePolicy(properties);
  if (parsed.ok) return parsed;
  const problems = parsed.error.slice(0, maxProblems);
  const [first] = problems;
  const detail = problems.map(({ message }) => message).join(" ");
  return failed(
    fault(
      first?.code ?? "BMSUserErrorInvalidInput",
      { detail },
      {
        ...(first === undefined ? {} : { target: first.path }),
        ...(problems.length < 2
          ? {}
          : {
              details: problems.map(({ code, message, path }) =>
                fault(code, { detail: message }, { target: path }),
              ),
            }),
      },
    ),
  );
}

/** An immutable vault refuses what would keep coming backups for less. */
export function checkRetentionChange(
  vault: Vault,
  before: PolicyResource,
  after: BackupPolicy,
): Result<BackupPolicy, Fault> {
  const parsed = parsePolicy(before.properties);
  if (!parsed.ok) return ok(after);
  const decision = decidePolicyChange(parsed.value, after, vault.immutability?.state ?? "Disabled");
  return decision.verdict === "Allowed"
    ? ok(after)
    : failed(
        fault("UserErrorBlockedByImmutability", {
          vault: vault.vaultName,
          detail: decision.reason,
        }),
      );
}

/** Whether coming backups would be kept for less time than under the policy as it was. */
export function shortensRetention(before: PolicyResource, after: BackupPolicy): boolean {
  const parsed = parsePolicy(before.properties);
  return parsed.ok && decidePolicyChange(parsed.value, after, "Disabled").shortened.length > 0;
}

/** Instances under the policy follow its new schedule from now on. */
export async function replanInstances(call: ApiCall, policy: PolicyResource): Promise<void> {
  const users = await call.catalog.instances.ofPolicy(policy.vault, policy.name, 1);
  if (users.length === 0) return;
  const input = { vault: { ...policy.vault }, policyName: policy.name };
  await startWorkflow(call.workflows, "replanPolicy", call.ids.newGuid(), input);
}
