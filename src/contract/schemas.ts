import type { z } from "zod";
import { triggerBackupSchema } from "./adhoc-backup.ts";
import { checkNameSchema, featureRequestSchema } from "./availability.ts";
import { backupInstanceResourceSchema, validateForBackupSchema } from "./backup-instance.ts";
import { grantScriptRequestSchema } from "./grant-script.ts";
import { graphRequestSchema } from "./graph-request.ts";
import { backupPolicyResourceSchema } from "./policy.ts";
import {
  guardedActionSchema,
  restorableTimeRangesSchema,
  resumeProtectionSchema,
  syncSchema,
} from "./protection-actions.ts";
import { proveRequestSchema } from "./prove-request.ts";
import {
  guardPatchSchema,
  guardProxySchema,
  guardResourceSchema,
  unlockDeleteSchema,
} from "./resource-guard.ts";
import {
  rehydrationRequestSchema,
  restoreRequestSchema,
  validateRestoreSchema,
} from "./restore-request.ts";
import { roleTemplateRequestSchema } from "./role-template.ts";
import { vaultPatchSchema, vaultResourceSchema } from "./vault.ts";

/** Every request body by the name that the service's specification gives it. */
export const requestSchemas = {
  BackupVaultResource: vaultResourceSchema,
  PatchResourceRequestInput: vaultPatchSchema,
  BaseBackupPolicyResource: backupPolicyResourceSchema,
  BackupInstanceResource: backupInstanceResourceSchema,
  ValidateForBackupRequest: validateForBackupSchema,
  GrantScriptRequest: grantScriptRequestSchema,
  RoleAssignmentTemplateRequest: roleTemplateRequestSchema,
  TriggerBackupRequest: triggerBackupSchema,
  ValidateRestoreRequestObject: validateRestoreSchema,
  AzureBackupRestoreRequest: restoreRequestSchema,
  AzureBackupRehydrationRequest: rehydrationRequestSchema,
  ProveRecoveryPointRequest: proveRequestSchema,
  StopProtectionRequest: guardedActionSchema,
  SuspendBackupRequest: guardedActionSchema,
  ResumeProtectionRequest: resumeProtectionSchema,
  SyncBackupInstanceRequest: syncSchema,
  AzureBackupFindRestorableTimeRangesRequest: restorableTimeRangesSchema,
  CheckNameAvailabilityRequest: checkNameSchema,
  FeatureValidationRequest: featureRequestSchema,
  ResourceGuardResource: guardResourceSchema,
  PatchResourceGuardInput: guardPatchSchema,
  ResourceGuardProxyBaseResource: guardProxySchema,
  UnlockDeleteRequest: unlockDeleteSchema,
  ResourceGraphQueryRequest: graphRequestSchema,
} as const satisfies Record<string, z.ZodType>;

export type RequestSchemaName = keyof typeof requestSchemas;
