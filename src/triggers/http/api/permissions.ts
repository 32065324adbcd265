import { type Fault, fault } from "../../../domain/fault.ts";
import { normaliseResourceId } from "../../../domain/resource-id.ts";
import { failed, ok, type Result } from "../../../domain/result.ts";
import { type Principal, type Role, roles } from "../../../ports/authenticator.ts";

const vaults = "Microsoft.DataProtection/backupVaults";
const instances = `${vaults}/backupInstances`;
const guards = "Microsoft.DataProtection/subscriptions/resourceGroups/providers/resourceGuards";
const crossRegion = "Microsoft.DataProtection/subscriptions/resourceGroups/providers/locations";

const readerActions = [
  "Microsoft.DataProtection/locations/checkFeatureSupport/action",
  "Microsoft.DataProtection/locations/operationResults/read",
  "Microsoft.DataProtection/locations/operationStatus/read",
  "Microsoft.DataProtection/operations/read",
  "Microsoft.DataProtection/deletedVaults/read",
  `${guards}/read`,
  `${crossRegion}/fetchCrossRegionRestoreJob/action`,
  `${crossRegion}/fetchCrossRegionRestoreJobs/action`,
  `${crossRegion}/fetchSecondaryRecoveryPoints/action`,
  `${vaults}/read`,
  `${vaults}/backupJobs/read`,
  `${vaults}/exportBackupJobs/action`,
  `${vaults}/backupPolicies/read`,
  `${vaults}/backupResourceGuardProxies/read`,
  `${vaults}/deletedBackupInstances/read`,
  `${vaults}/operationResults/read`,
  `${vaults}/operationStatus/read`,
  `${instances}/read`,
  `${instances}/findRestorableTimeRanges/action`,
  `${instances}/operationResults/read`,
  `${instances}/recoveryPoints/read`,
];

const operatorActions = [
  ...readerActions,
  `${crossRegion}/crossRegionRestore/action`,
  `${crossRegion}/validateCrossRegionRestore/action`,
  `${vaults}/validateForBackup/action`,
  `${instances}/backup/action`,
  `${instances}/recoveryPoints/verify/action`,
  `${instances}/rehydrate/action`,
  `${instances}/restore/action`,
  `${instances}/validateRestore/action`,
];

const contributorActions = [
  ...operatorActions,
  "Microsoft.DataProtection/locations/checkNameAvailability/action",
  `${vaults}/write`,
  `${vaults}/backupPolicies/write`,
  `${vaults}/backupPolicies/delete`,
  `${vaults}/backupResourceGuardProxies/write`,
  `${vaults}/backupResourceGuardProxies/delete`,
  `${vaults}/backupResourceGuardProxies/unlockDelete/action`,
  `${vaults}/deletedBackupInstances/undelete/action`,
  `${instances}/write`,
  `${instances}/delete`,
  `${instances}/resumeBackups/action`,
  `${instances}/resumeProtection/action`,
  `${instances}/stopProtection/action`,
  `${instances}/suspendBackups/action`,
  `${instances}/sync/action`,
  `${instances}/validateForModifyBackup/action`,
];

const approverActions = [
  `${guards}/read`,
  `${guards}/approve/action`,
  "Microsoft.DataProtection/operations/read",
];

/**
 * What each role may do: Azure's definitions of the built-in roles (learn.microsoft.com, "Azure
 * built-in roles for Storage"), with the newer actions, which those lists do not name yet, placed
 * as shared/reference/azure-facts.md §9 says.
 */
const actionsOf: Readonly<Record<Role, ReadonlySet<string>>> = {
  "Backup Reader": actionSet(readerActions),
  "Backup Operator": actionSet(operatorActions),
  "Backup Contributor": actionSet(contributorActions),
  "Backup MUA Operator": actionSet(approverActions),
  Owner: actionSet([
    ...contributorActions,
    ...approverActions,
    `${vaults}/delete`,
    `${guards}/write`,
    `${guards}/delete`,
  ]),
};

export const mayDo = (role: Role, action: string): boolean =>
  actionsOf[role].has(action.toLowerCase());

/** Whether a grant of the principal allows the action at the scope, an ARM path. */
export const isAllowed = (principal: Principal, action: string, scope: string): boolean =>
  principal.grants.some((grant) => mayDo(grant.role, action) && covers(grant.scope, scope));

/** Whether any grant, wherever it lies, allows the action. */
export const isAllowedSomewhere = (principal: Principal, action: string): boolean =>
  principal.grants.some((grant) => mayDo(grant.role, action));

export const requireAccess = (
  principal: Principal,
  action: string,
  scope: string,
): Result<Principal, Fault> =>
  isAllowed(principal, action, scope) ? ok(principal) : failed(forbidden(principal, action, scope));

export const forbidden = (principal: Principal, action: string, scope: string): Fault =>
  fault("AuthorizationFailed", {
    principal: principal.name,
    action,
    scope,
    role: roles.find((role) => mayDo(role, action)) ?? "Owner",
  });

function covers(grantScope: string, scope: string): boolean {
  const outer = normaliseResourceId(grantScope);
  const innerScope = normaliseResourceId(scope);
  return outer === "" || innerScope === outer || innerScope.startsWith(`${outer}/`);
}

function actionSet(actions: readonly string[]): ReadonlySet<string> {
  return new Set(actions.map((action) => action.toLowerCase()));
}
