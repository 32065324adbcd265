import { z } from "zod";

/** Azure's limits of tags on a resource. */
const maxTags = 50;

export const tagsSchema = z
  .record(z.string().min(1).max(512), z.string().max(256))
  .refine((tags) => Object.keys(tags).length <= maxTags, `At most ${maxTags} tags are allowed`);

export const identityDetailsSchema = z.object({
  useSystemAssignedIdentity: z.boolean().exactOptional(),
  userAssignedIdentityArmUrl: z.string().max(1024).exactOptional(),
});

/** Requests of resource guards that a critical operation presents. */
export const guardRequestsSchema = z.array(z.string().min(1).max(1024)).max(20);

export const dataStoreTypes = ["OperationalStore", "VaultStore", "ArchiveStore"] as const;

export const dataStoreSchema = z.object({
  dataStoreType: z.enum(dataStoreTypes),
  objectType: z.literal("DataStoreInfoBase").default("DataStoreInfoBase"),
});
