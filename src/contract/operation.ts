import type { JsonObject } from "../domain/json.ts";
import type { Operation } from "../domain/operation.ts";
import { type VaultRef, vaultResourceId } from "../domain/resource-id.ts";
import { presentErrorDetail } from "./error-body.ts";
import { unknownInstant, wireInstant } from "./instants.ts";

/** What a poll of the status answers; `id` is the path that was asked (arm-contract.md §2.1). */
export const presentOperationStatus = (operation: Operation, path: string): JsonObject => ({
  id: path,
  name: operation.id,
  status: operation.status,
  startTime: wireInstant(operation.startedAt),
  endTime: operation.endedAt === undefined ? unknownInstant : wireInstant(operation.endedAt),
  ...(operation.fault === undefined ? {} : { error: presentErrorDetail(operation.fault) }),
  ...(operation.jobId === undefined && operation.notices === undefined
    ? {}
    : { properties: presentOperationResult(operation) }),
});

/**
 * `OperationJobExtendedInfo`: the result of every operation that has no resource of its own.
 * `notices` is pgvault's extension: what a validation found that makes nothing fail.
 */
export const presentOperationResult = (operation: Operation): JsonObject => ({
  objectType: "OperationJobExtendedInfo",
  ...(operation.jobId === undefined ? {} : { jobId: operation.jobId }),
  ...(operation.notices === undefined
    ? {}
    : { notices: operation.notices.map((notice) => ({ ...notice })) }),
});

const provider = "providers/Microsoft.DataProtection";

export const vaultStatusPath = (vault: VaultRef, operationId: string): string =>
  `${vaultResourceId(vault)}/operationStatus/${operationId}`;

export const vaultResultPath = (vault: VaultRef, operationId: string): string =>
  `${vaultResourceId(vault)}/operationResults/${operationId}`;

export const locationStatusPath = ({ vault, location, id }: OperationPlace): string =>
  `/subscriptions/${vault.subscriptionId}/${provider}/locations/${location}/operationStatus/${id}`;

/** Where the status of a vault's own deletion is: outside of the vault. */
export const groupStatusPath = ({ vault, location, id }: OperationPlace): string =>
  `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/${provider}/locations/${location}/operationStatus/${id}`;

export const locationResultPath = ({ vault, location, id }: OperationPlace): string =>
  `/subscriptions/${vault.subscriptionId}/${provider}/locations/${location}/operationResults/${id}`;

export const exportResultPath = (vault: VaultRef, operationId: string): string =>
  `${vaultResourceId(vault)}/backupJobs/operations/${operationId}`;

type OperationPlace = Pick<Operation, "vault" | "location" | "id">;
