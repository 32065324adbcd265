import { z } from "zod";

/** `TriggerBackupRequest`. */
export const triggerBackupSchema = z.object({
  backupRuleOptions: z.object({
    ruleName: z.string().min(1).max(150),
    triggerOption: z
      .object({ retentionTagOverride: z.string().min(1).max(150).exactOptional() })
      .default({}),
  }),
});
