import { cancelJob } from "../cancel-job.ts";
import { checkFeatureSupport } from "../check-feature-support.ts";
import { checkNameAvailability } from "../check-name-availability.ts";
import { crossRegionOperations } from "../cross-region.ts";
import { deleteInstance } from "../delete-instance.ts";
import { deletePolicy } from "../delete-policy.ts";
import { deleteResourceGuard } from "../delete-resource-guard.ts";
import { deleteVault } from "../delete-vault.ts";
import { exportJobs, getExportedJobs, getExportResult } from "../export-jobs.ts";
import { findRestorableTimeRanges } from "../find-restorable-time-ranges.ts";
import { getDeletedInstance } from "../get-deleted-instance.ts";
import { getInstance } from "../get-instance.ts";
import { getJob } from "../get-job.ts";
import {
  getInstanceOperationResult,
  getOperationResult,
  getVaultOperationResult,
} from "../get-operation-result.ts";
import { getOperationStatus, getVaultOperationStatus } from "../get-operation-status.ts";
import { getPolicy } from "../get-policy.ts";
import { getRecoveryPoint } from "../get-recovery-point.ts";
import { getOpenApi, getReferencePage } from "../get-reference.ts";
import { getResourceGuard } from "../get-resource-guard.ts";
import {
  getResourceGuardRequest,
  listResourceGuardRequests,
} from "../get-resource-guard-requests.ts";
import { getVault } from "../get-vault.ts";
import {
  deleteGuardProxy,
  getGuardProxy,
  listGuardProxies,
  putGuardProxy,
} from "../guard-proxies.ts";
import { listDeletedInstances } from "../list-deleted-instances.ts";
import { listDeletedVaults } from "../list-deleted-vaults.ts";
import { listInstances } from "../list-instances.ts";
import { listInstancesOfDatasource } from "../list-instances-of-datasource.ts";
import { listJobs } from "../list-jobs.ts";
import { listPolicies } from "../list-policies.ts";
import { listProviderOperations } from "../list-provider-operations.ts";
import { listRecoveryPoints } from "../list-recovery-points.ts";
import {
  listResourceGuardsInGroup,
  listResourceGuardsInSubscription,
} from "../list-resource-guards.ts";
import { listVaultsInGroup, listVaultsInSubscription } from "../list-vaults.ts";
import { patchResourceGuard } from "../patch-resource-guard.ts";
import { patchVault } from "../patch-vault.ts";
import { postBackup } from "../post-backup.ts";
import { postGrantScript } from "../post-grant-script.ts";
import { postRestore } from "../post-restore.ts";
import { postRoleTemplate } from "../post-role-template.ts";
import { proveRecoveryPoint } from "../prove-recovery-point.ts";
import { putInstance } from "../put-instance.ts";
import { putPolicy } from "../put-policy.ts";
import { putResourceGuard } from "../put-resource-guard.ts";
import { putVault } from "../put-vault.ts";
import { queryResourceGraph } from "../query-resource-graph.ts";
import { rehydrate } from "../rehydrate.ts";
import { resumeBackups } from "../resume-backups.ts";
import { resumeProtection } from "../resume-protection.ts";
import { stopProtection } from "../stop-protection.ts";
import { suspendBackups } from "../suspend-backups.ts";
import { syncInstance } from "../sync-instance.ts";
import { undeleteInstance } from "../undelete-instance.ts";
import { unlockDelete } from "../unlock-delete.ts";
import { validateForBackup } from "../validate-for-backup.ts";
import { validateForModifyBackup } from "../validate-for-modify-backup.ts";
import { validateRestore } from "../validate-restore.ts";
import { verifyRecoveryPoint } from "../verify-recovery-point.ts";
import type { ApiOperation } from "./operation-record.ts";

/** The whole API, read like its table of contents. */
export const apiOperations: readonly ApiOperation[] = [
  putVault,
  getVault,
  patchVault,
  deleteVault,
  listVaultsInGroup,
  listVaultsInSubscription,
  putPolicy,
  getPolicy,
  deletePolicy,
  listPolicies,
  putInstance,
  getInstance,
  deleteInstance,
  listInstances,
  validateForBackup,
  postGrantScript,
  postRoleTemplate,
  postBackup,
  listRecoveryPoints,
  getRecoveryPoint,
  validateRestore,
  postRestore,
  listJobs,
  getJob,
  getVaultOperationStatus,
  getOperationStatus,
  getOperationResult,
  getVaultOperationResult,
  getInstanceOperationResult,
  listProviderOperations,
  validateForModifyBackup,
  stopProtection,
  suspendBackups,
  resumeBackups,
  resumeProtection,
  syncInstance,
  rehydrate,
  findRestorableTimeRanges,
  verifyRecoveryPoint,
  proveRecoveryPoint,
  cancelJob,
  listDeletedInstances,
  getDeletedInstance,
  undeleteInstance,
  listInstancesOfDatasource,
  exportJobs,
  getExportResult,
  getExportedJobs,
  checkNameAvailability,
  checkFeatureSupport,
  listDeletedVaults,
  queryResourceGraph,
  getOpenApi,
  getReferencePage,
  putGuardProxy,
  getGuardProxy,
  deleteGuardProxy,
  listGuardProxies,
  unlockDelete,
  putResourceGuard,
  getResourceGuard,
  patchResourceGuard,
  deleteResourceGuard,
  listResourceGuardsInGroup,
  listResourceGuardsInSubscription,
  listResourceGuardRequests,
  getResourceGuardRequest,
  ...crossRegionOperations,
];
