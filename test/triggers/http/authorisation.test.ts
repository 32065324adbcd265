import { describe, expect, test } from "vitest";
import { roles } from "../../../src/ports/authenticator.ts";
import { apiOperations } from "../../../src/triggers/http/api/operations.ts";
import { isAllowed, mayDo } from "../../../src/triggers/http/api/permissions.ts";
import { samplePath } from "./sample-requests.ts";
import { createTestApi, tokens, vaultId } from "./test-api.ts";

/** Azure's built-in roles: the least role that may call each operation. */
const leastRole: Readonly<Record<string, "reader" | "operator" | "contributor" | "approver">> = {
  BackupVaults_CreateOrUpdate: "contributor",
  BackupVaults_Get: "reader",
  BackupVaults_Update: "contributor",
  // Backup Contributor may not; the local contributor also owns what is on the machine.
  BackupVaults_Delete: "contributor",
  BackupVaults_GetInResourceGroup: "reader",
  BackupVaults_GetInSubscription: "reader",
  BackupPolicies_CreateOrUpdate: "contributor",
  BackupPolicies_Get: "reader",
  BackupPolicies_Delete: "contributor",
  BackupPolicies_List: "reader",
  BackupInstances_CreateOrUpdate: "contributor",
  BackupInstances_Get: "reader",
  BackupInstances_Delete: "contributor",
  BackupInstances_List: "reader",
  BackupInstances_ValidateForBackup: "operator",
  BackupVaults_WriteGrantScript: "operator",
  BackupVaults_WriteRoleAssignmentTemplate: "operator",
  BackupInstances_AdhocBackup: "operator",
  RecoveryPoints_List: "reader",
  RecoveryPoints_Get: "reader",
  BackupInstances_ValidateForRestore: "operator",
  BackupInstances_TriggerRestore: "operator",
  Jobs_List: "reader",
  Jobs_Get: "reader",
  OperationStatusBackupVaultContext_Get: "reader",
  OperationStatus_Get: "reader",
  OperationResult_Get: "reader",
  BackupVaultOperationResults_Get: "reader",
  BackupInstances_GetBackupInstanceOperationResult: "reader",
  DataProtectionOperations_List: "approver",
  BackupInstances_ValidateForModifyBackup: "contributor",
  BackupInstances_StopProtection: "contributor",
  BackupInstances_SuspendBackups: "contributor",
  BackupInstances_ResumeBackups: "contributor",
  BackupInstances_ResumeProtection: "contributor",
  BackupInstances_SyncBackupInstance: "contributor",
  BackupInstances_TriggerRehydrate: "operator",
  RestorableTimeRanges_Find: "reader",
  RecoveryPoints_Verify: "operator",
  RecoveryPoints_Prove: "operator",
  Jobs_Cancel: "operator",
  DeletedBackupInstances_List: "reader",
  DeletedBackupInstances_Get: "reader",
  DeletedBackupInstances_Undelete: "contributor",
  BackupInstancesExtensionRouting_List: "reader",
  ExportJobs_Trigger: "reader",
  ExportJobsOperationResult_Get: "reader",
  ExportJobs_Download: "reader",
  BackupVaults_CheckNameAvailability: "contributor",
  DataProtection_CheckFeatureSupport: "reader",
  DeletedBackupVaults_List: "reader",
  ResourceGraph_Resources: "reader",
  Reference_OpenApi: "approver",
  Reference_Page: "approver",
  DppResourceGuardProxy_CreateOrUpdate: "contributor",
  DppResourceGuardProxy_Get: "reader",
  DppResourceGuardProxy_Delete: "contributor",
  DppResourceGuardProxy_List: "reader",
  DppResourceGuardProxy_UnlockDelete: "contributor",
  // Guards belong to owners; Backup Contributor alone may not touch them (see below).
  ResourceGuards_Put: "contributor",
  ResourceGuards_Get: "approver",
  ResourceGuards_Patch: "contributor",
  ResourceGuards_Delete: "contributor",
  ResourceGuards_GetResourcesInResourceGroup: "approver",
  ResourceGuards_GetResourcesInSubscription: "approver",
  ResourceGuards_GetRequestsObjects: "approver",
  ResourceGuards_GetDefaultRequestsObject: "approver",
  CrossRegion_crossRegionRestore: "operator",
  CrossRegion_validateCrossRegionRestore: "operator",
  CrossRegion_fetchSecondaryRecoveryPoints: "reader",
  CrossRegion_fetchCrossRegionRestoreJobs: "reader",
  CrossRegion_fetchCrossRegionRestoreJob: "reader",
};

/** Everybody who may call anything at all may read the reference: `approver` is the least. */
const ranks = ["approver", "reader", "operator", "contributor"] as const;

describe("who may do what", () => {
  test("the table names every operation, and no other", () => {
    expect(Object.keys(leastRole).toSorted()).toEqual(apiOperations.map(({ id }) => id).toSorted());
  });

  test.each(apiOperations.map((operation) => [operation.id, operation] as const))(
    "%s",
    async (id, operation) => {
      const { send } = createTestApi();
      const path = samplePath(operation);
      const body = operation.method === "GET" ? undefined : {};
      for (const role of ranks) {
        const { status, body: answer } = await send(operation.method, path, body, {
          token: tokens[role],
        });
        const allowed = ranks.indexOf(role) >= ranks.indexOf(leastRole[id]!);
        if (allowed) expect(status, `${role}: ${JSON.stringify(answer)}`).not.toBe(403);
        else {
          expect(status, role).toBe(403);
          expect(answer.error.code).toBe("AuthorizationFailed");
          expect(answer.error.message).toContain(operation.permission);
        }
      }
      for (const [name, options] of Object.entries(withoutIdentity)) {
        const answer = await send(operation.method, path, body, options);
        expect(answer.status, name).toBe(401);
        expect(answer.body.error.code, name).toBe("AuthenticationFailed");
        expect(answer.headers["www-authenticate"], name).toMatch(/^Bearer/);
      }
    },
  );

  test("deleting vaults and owning guards is beyond Backup Contributor, approving beyond all but its own role", () => {
    const holders = (action: string) => roles.filter((role) => mayDo(role, action));
    const guards = "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards";
    expect(holders("Microsoft.DataProtection/backupVaults/delete")).toEqual(["Owner"]);
    expect(holders(`${guards}/write`)).toEqual(["Owner"]);
    expect(holders(`${guards}/delete`)).toEqual(["Owner"]);
    expect(holders(`${guards}/approve/action`)).toEqual(["Backup MUA Operator", "Owner"]);
  });

  test("a health check is the only thing that answers without a token", async () => {
    const { send } = createTestApi();
    expect(await send("GET", "/healthz", undefined, { token: null })).toMatchObject({
      status: 200,
    });
    expect(await send("GET", "/", undefined, { token: null })).toMatchObject({ status: 401 });
    expect(await send("GET", "/nothing/here", undefined, { token: null })).toMatchObject({
      status: 401,
    });
  });

  test("a grant reaches its scope and what lies below it, and nothing beside it", () => {
    const action = "Microsoft.DataProtection/backupVaults/read";
    const mayRead = (scope: string, target: string) =>
      isAllowed({ id: "p", name: "p", grants: [{ role: "Backup Reader", scope }] }, action, target);
    const group = vaultId.slice(0, vaultId.indexOf("/providers"));
    expect(mayRead("/", vaultId)).toBe(true);
    expect(mayRead(group, vaultId)).toBe(true);
    expect(mayRead(group.toUpperCase(), vaultId)).toBe(true);
    expect(mayRead(vaultId, `${vaultId}/backupInstances/i`)).toBe(true);
    expect(mayRead(vaultId, `${vaultId}2`)).toBe(false);
    expect(mayRead(vaultId, group)).toBe(false);
    expect(mayRead(`${group}2`, vaultId)).toBe(false);
  });

  test("every answered request is in the audit log with who, what and outcome", async () => {
    const { send, audit } = createTestApi();
    await send("GET", vaultId, undefined, { token: tokens.reader });
    await send("DELETE", vaultId, undefined, { token: tokens.reader });
    await send("GET", vaultId, undefined, { token: "wrong" });
    expect(audit).toMatchObject([
      { principal: "local reader", operationId: "BackupVaults_Get", path: vaultId, status: 404 },
      { operationId: "BackupVaults_Delete", status: 403, code: "AuthorizationFailed" },
      { status: 401, code: "AuthenticationFailed" },
    ]);
    expect(JSON.stringify(audit)).not.toContain("wrong");
  });
});

const forgedPrincipal = Buffer.from(
  JSON.stringify({ auth_typ: "aad", claims: [{ typ: "roles", val: "Backup Contributor" }] }),
).toString("base64");

const withoutIdentity = {
  "no token": { token: null },
  "an unknown token": { token: "contributor-tokem" },
  "a basic header": { token: null, headers: { authorization: "Basic Y29udHJpYnV0b3I6eA==" } },
  "a forged X-MS-CLIENT-PRINCIPAL": {
    token: null,
    headers: { "x-ms-client-principal": forgedPrincipal, "x-ms-client-principal-name": "root" },
  },
};
