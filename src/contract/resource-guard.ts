import { z } from "zod";
import type { JsonObject } from "../domain/json.ts";
import {
  approvalId,
  criticalOperations,
  type GuardRef,
  guardedOperations,
  guardResourceId,
  parseGuardId,
  type ResourceGuard,
  type ResourceGuardProxy,
} from "../domain/resource-guard.ts";
import { type VaultRef, vaultResourceId } from "../domain/resource-id.ts";
import { wireInstant } from "./instants.ts";
import {
  guardNamePattern,
  locationPattern,
  resourceGroupPattern,
  subscriptionPattern,
} from "./names.ts";
import { guardRequestsSchema, tagsSchema } from "./resource-parts.ts";

const description = z.string().max(1000).exactOptional();

export const guardResourceSchema = z.object({
  location: z.string().regex(locationPattern, "Expected the name of a region"),
  tags: tagsSchema.exactOptional(),
  properties: z
    .object({
      description,
      vaultCriticalOperationExclusionList: z.array(z.string().max(300)).max(50).exactOptional(),
    })
    .default({}),
});
export const guardPatchSchema = z.object({ tags: tagsSchema.exactOptional() });

/** Names a guard by its full id; each of its names within Azure's alphabet. */
const guardIdSchema = z.string().refine((id) => {
  const guard = parseGuardId(id);
  return (
    guard !== undefined &&
    subscriptionPattern.test(guard.subscriptionId) &&
    resourceGroupPattern.test(guard.resourceGroup) &&
    guardNamePattern.test(guard.guardName)
  );
}, "Expected /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.DataProtection/resourceGuards/NAME");

export const guardProxySchema = z.object({
  properties: z.object({ resourceGuardResourceId: guardIdSchema, description }),
});
export const unlockDeleteSchema = z.object({
  resourceGuardOperationRequests: guardRequestsSchema.default([]),
  resourceToBeDeleted: z.string().min(1).max(1024),
});

export const parseGuard = (
  wire: z.output<typeof guardResourceSchema>,
  ref: GuardRef,
): ResourceGuard => ({
  ...ref,
  location: wire.location,
  ...(wire.tags === undefined ? {} : { tags: wire.tags }),
  ...(wire.properties.description === undefined
    ? {}
    : { description: wire.properties.description }),
  excludedOperations: wire.properties.vaultCriticalOperationExclusionList ?? [],
});

export const presentGuard = (guard: ResourceGuard): JsonObject => ({
  location: guard.location,
  ...(guard.tags === undefined ? {} : { tags: guard.tags }),
  properties: {
    provisioningState: "Succeeded",
    // A valid request of an entitled person is approved at once; there is no waiting list.
    allowAutoApprovals: true,
    resourceGuardOperations: guardedOperations(guard).map((key) => ({
      vaultCriticalOperation: criticalOperations[key].operation,
      requestResourceType: `Microsoft.DataProtection/resourceGuards/${criticalOperations[key].requests}`,
    })),
    vaultCriticalOperationExclusionList: guard.excludedOperations,
    ...(guard.description === undefined ? {} : { description: guard.description }),
  },
  id: guardResourceId(guard),
  name: guard.guardName,
  type: "Microsoft.DataProtection/resourceGuards",
});

/** `DppBaseResource`: the one request of a kind, which approved operations name. */
export const presentGuardRequest = (guard: ResourceGuard, kind: string): JsonObject => ({
  id: `${guardResourceId(guard)}/${kind}/default`,
  name: "default",
  type: `Microsoft.DataProtection/resourceGuards/${kind}`,
});

export const presentProxy = (
  vault: VaultRef,
  proxy: ResourceGuardProxy,
  guard: ResourceGuard | undefined,
): JsonObject => ({
  properties: {
    ...(proxy.description === undefined ? {} : { description: proxy.description }),
    lastUpdatedTime: wireInstant(proxy.updatedAt),
    resourceGuardOperationDetails: (guard === undefined ? [] : guardedOperations(guard)).map(
      (key) => ({
        defaultResourceRequest: approvalId(proxy.guardId, key),
        vaultCriticalOperation: criticalOperations[key].operation,
      }),
    ),
    resourceGuardResourceId: proxy.guardId,
  },
  id: `${vaultResourceId(vault)}/backupResourceGuardProxies/${proxy.name}`,
  name: proxy.name,
  type: "Microsoft.DataProtection/backupVaults/backupResourceGuardProxies",
});
