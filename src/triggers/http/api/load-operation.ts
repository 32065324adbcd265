import { dayMs, parseInstant } from "../../../domain/instant.ts";
import { type Operation, operationLifetimeDays } from "../../../domain/operation.ts";
import { vaultResourceId } from "../../../domain/resource-id.ts";
import { orRefuse, refuse } from "./answers.ts";
import { notFound } from "./load.ts";
import type { ApiCall } from "./operation-record.ts";
import { requireAccess } from "./permissions.ts";

/**
 * The operation in the path, if it belongs under that path and the caller may see its vault.
 * Operations are forgotten after their lifetime.
 */
export async function loadOperation(call: ApiCall): Promise<Operation> {
  const found = await call.catalog.operations.get(call.param("operationId"));
  if (found === undefined || isExpired(call, found) || !liesUnder(call, found)) {
    return refuse(notFound(call.links.path));
  }
  const { permission } = call.operation;
  orRefuse(requireAccess(call.principal, permission, vaultResourceId(found.vault)));
  return found;
}

function isExpired(call: ApiCall, { startedAt }: Operation): boolean {
  const started = parseInstant(startedAt) ?? 0;
  return call.clock.now() - started > operationLifetimeDays * dayMs;
}

function liesUnder(call: ApiCall, { vault }: Operation): boolean {
  const places = ["subscriptionId", "resourceGroup", "vaultName"] as const;
  return places.every((place) => {
    const asked = call.param(place);
    return asked === "" || asked.toLowerCase() === vault[place].toLowerCase();
  });
}
