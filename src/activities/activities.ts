import type { Activities } from "./activity-types.ts";
import { createCheckRestore } from "./check-restore.ts";
import { createCheckDraft, createCheckSource } from "./check-source.ts";
import { createCommitRecoveryPoint } from "./commit-recovery-point.ts";
import { createDiscardAttempts } from "./discard-attempts.ts";
import { createDumpDatabase } from "./dump-database.ts";
import { createReleaseDumpSlot, createTakeDumpSlot } from "./dump-slots.ts";
import { createChangeJob, createCloseJob, createEndOperation } from "./jobs.ts";
import { createReleaseLease, createTakeLease } from "./leases.ts";
import { createRehydrateStep } from "./lifecycle/rehydrate.ts";
import { createOpenBackup } from "./open-backup.ts";
import {
  createOpenRehydration,
  createOpenRestore,
  createOpenVerification,
} from "./open-restore.ts";
import type { ActivityPorts } from "./ports.ts";
import { createDropScratch, createProveRecoveryPoint } from "./prove-recovery-point.ts";
import { createRecordValidation } from "./record-validation.ts";
import { createRemoveInstance } from "./remove-instance.ts";
import { createReplanInstance, createReplanPolicy } from "./replan.ts";
import {
  createDropRestored,
  createKeepRestored,
  createRestoreDatabase,
} from "./restore-database.ts";
import { createRestoreFiles } from "./restore-files.ts";
import { createSetProtection } from "./set-protection.ts";
import { createVerifyRecoveryPoint } from "./verify-recovery-point.ts";

/** Every activity, made from the ports. */
export const createActivities = (ports: ActivityPorts): Activities => ({
  openBackup: createOpenBackup(ports),
  openRestore: createOpenRestore(ports),
  changeJob: createChangeJob(ports),
  closeJob: createCloseJob(ports),
  endOperation: createEndOperation(ports),
  takeLease: createTakeLease(ports),
  releaseLease: createReleaseLease(ports),
  takeDumpSlot: createTakeDumpSlot(ports),
  releaseDumpSlot: createReleaseDumpSlot(ports),
  checkSource: createCheckSource(ports),
  checkDraft: createCheckDraft(ports),
  dumpDatabase: createDumpDatabase(ports),
  commitRecoveryPoint: createCommitRecoveryPoint(ports),
  discardAttempts: createDiscardAttempts(ports),
  checkRestore: createCheckRestore(ports),
  restoreDatabase: createRestoreDatabase(ports),
  keepRestored: createKeepRestored(ports),
  dropRestored: createDropRestored(ports),
  restoreFiles: createRestoreFiles(ports),
  rehydrateStep: createRehydrateStep(ports),
  openRehydration: createOpenRehydration(ports),
  openVerification: createOpenVerification(ports),
  setProtection: createSetProtection(ports),
  recordValidation: createRecordValidation(ports),
  replanInstance: createReplanInstance(ports),
  replanPolicy: createReplanPolicy(ports),
  removeInstance: createRemoveInstance(ports),
  proveRecoveryPoint: createProveRecoveryPoint(ports),
  dropScratch: createDropScratch(ports),
  verifyRecoveryPoint: createVerifyRecoveryPoint(ports),
});
