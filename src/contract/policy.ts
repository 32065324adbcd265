import { z } from "zod";
import type { JsonObject } from "../domain/json.ts";
import {
  absoluteMarkers,
  daysOfTheWeek,
  monthsOfYear,
  weeksOfTheMonth,
} from "../domain/policy/policy.ts";
import { policyResourceId } from "../domain/resource-id.ts";
import type { PolicyResource } from "../domain/vault.ts";
import { dataStoreSchema } from "./resource-parts.ts";

/** Bounds that keep a policy's decisions cheap; Azure's own are not documented. */
const maxRules = 20;
const maxIntervals = 50;
const maxCriteria = 20;
const name = z.string().min(1).max(150);
const isoDuration = z.string().min(2).max(40);

const criteriaSchema = z.object({
  objectType: z.literal("ScheduleBasedBackupCriteria").default("ScheduleBasedBackupCriteria"),
  absoluteCriteria: z.array(z.enum(absoluteMarkers)).max(5).exactOptional(),
  daysOfMonth: z
    .array(
      z.object({
        date: z.number().int().min(0).max(28).exactOptional(),
        isLast: z.boolean().exactOptional(),
      }),
    )
    .max(29)
    .exactOptional(),
  daysOfTheWeek: z.array(z.enum(daysOfTheWeek)).max(7).exactOptional(),
  monthsOfYear: z.array(z.enum(monthsOfYear)).max(12).exactOptional(),
  weeksOfTheMonth: z.array(z.enum(weeksOfTheMonth)).max(5).exactOptional(),
  scheduleTimes: z.array(z.string().max(40)).max(maxIntervals).exactOptional(),
});

const tagInfoSchema = z.object({ tagName: name });

const triggerSchema = z.discriminatedUnion("objectType", [
  z.object({
    schedule: z.object({
      repeatingTimeIntervals: z.array(z.string().max(200)).min(1).max(maxIntervals),
      timeZone: z.string().min(1).max(100).exactOptional(),
    }),
    taggingCriteria: z
      .array(
        z.object({
          tagInfo: tagInfoSchema,
          taggingPriority: z.number().int(),
          isDefault: z.boolean(),
          criteria: z.array(criteriaSchema).max(maxCriteria).exactOptional(),
        }),
      )
      .min(1)
      .max(maxRules),
    objectType: z.literal("ScheduleBasedTriggerContext"),
  }),
]);

const copyAfterSchema = z.discriminatedUnion("objectType", [
  z.object({ objectType: z.literal("ImmediateCopyOption") }),
  z.object({ objectType: z.literal("CopyOnExpiryOption") }),
  z.object({ objectType: z.literal("CustomCopyOption"), duration: isoDuration.exactOptional() }),
]);

const lifecycleSchema = z.object({
  deleteAfter: z.object({
    objectType: z.literal("AbsoluteDeleteOption").default("AbsoluteDeleteOption"),
    duration: isoDuration,
  }),
  sourceDataStore: dataStoreSchema,
  targetDataStoreCopySettings: z
    .array(z.object({ copyAfter: copyAfterSchema, dataStore: dataStoreSchema }))
    .max(5)
    .exactOptional(),
});

const backupRuleSchema = z.object({
  backupParameters: z
    .object({
      backupType: z.enum(["Full", "Incremental", "Differential", "Discrete"]),
      objectType: z.literal("AzureBackupParams").default("AzureBackupParams"),
    })
    .exactOptional(),
  trigger: triggerSchema,
  dataStore: dataStoreSchema,
  name,
  objectType: z.literal("AzureBackupRule"),
});

const retentionRuleSchema = z.object({
  lifecycles: z.array(lifecycleSchema).min(1).max(5),
  isDefault: z.boolean().default(false),
  name,
  objectType: z.literal("AzureRetentionRule"),
});

/** `BackupPolicy`, the only kind of `BaseBackupPolicy`. */
export const backupPolicySchema = z.object({
  policyRules: z
    .array(z.discriminatedUnion("objectType", [backupRuleSchema, retentionRuleSchema]))
    .min(1)
    .max(maxRules),
  datasourceTypes: z.array(z.string().min(1).max(200)).min(1).max(5),
  objectType: z.literal("BackupPolicy"),
});
export const backupPolicyResourceSchema = z.object({ properties: backupPolicySchema });

/**
 * What is stored and answered: the policy as sent in canonical spelling, tags with the ids that the
 * service gives them (`Default_`).
 */
export const canonicalPolicy = (policy: z.output<typeof backupPolicySchema>): JsonObject => ({
  ...policy,
  policyRules: policy.policyRules.map((rule) =>
    rule.objectType === "AzureBackupRule"
      ? {
          ...rule,
          trigger: {
            ...rule.trigger,
            taggingCriteria: rule.trigger.taggingCriteria.map((tagging) => ({
              ...tagging,
              tagInfo: { ...tagging.tagInfo, id: `${tagging.tagInfo.tagName}_` },
            })),
          },
        }
      : rule,
  ),
});

export const presentPolicy = (policy: PolicyResource): JsonObject => ({
  properties: policy.properties,
  id: policyResourceId(policy.vault, policy.name),
  name: policy.name,
  type: "Microsoft.DataProtection/backupVaults/backupPolicies",
});
