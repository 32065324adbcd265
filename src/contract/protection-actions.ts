import { z } from "zod";
import { guardRequestsSchema, identityDetailsSchema } from "./resource-parts.ts";

/** Optional body of stopProtection and suspendBackups. */
export const guardedActionSchema = z.object({
  resourceGuardOperationRequests: guardRequestsSchema.exactOptional(),
});

/** `ResumeProtectionRequest`, of preview versions only. */
export const resumeProtectionSchema = z.object({
  objectType: z.literal("ResumeProtectionRequest").exactOptional(),
  identityDetails: identityDetailsSchema.exactOptional(),
});

export const syncSchema = z.object({
  syncType: z.enum(["Default", "ForceResync"]).default("Default"),
});

export const restorableTimeRangesSchema = z.object({
  sourceDataStoreType: z.enum(["OperationalStore", "VaultStore", "ArchiveStore", "SnapshotStore"]),
  startTime: z.string().max(40).exactOptional(),
  endTime: z.string().max(40).exactOptional(),
});
