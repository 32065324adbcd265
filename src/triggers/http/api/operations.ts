import { deleteInstance } from "../delete-instance.ts";
import { deletePolicy } from "../delete-policy.ts";
import { deleteVault } from "../delete-vault.ts";
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
import { getVault } from "../get-vault.ts";
import { listInstances } from "../list-instances.ts";
import { listJobs } from "../list-jobs.ts";
import { listPolicies } from "../list-policies.ts";
import { listProviderOperations } from "../list-provider-operations.ts";
import { listRecoveryPoints } from "../list-recovery-points.ts";
import { listVaultsInGroup, listVaultsInSubscription } from "../list-vaults.ts";
import { patchVault } from "../patch-vault.ts";
import { postBackup } from "../post-backup.ts";
import { postRestore } from "../post-restore.ts";
import { putInstance } from "../put-instance.ts";
import { putPolicy } from "../put-policy.ts";
import { putVault } from "../put-vault.ts";
import { validateForBackup } from "../validate-for-backup.ts";
import { validateRestore } from "../validate-restore.ts";
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
];
