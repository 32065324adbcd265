import { wireInstant } from "../../contract/instants.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { unlockDeleteSchema } from "../../contract/resource-guard.ts";
import { formatRecordInstant, minuteMs, parseInstant } from "../../domain/instant.ts";
import type { CriticalOperation } from "../../domain/resource-guard.ts";
import { json, orRefuse, refuse } from "./api/answers.ts";
import { guardOperation } from "./api/guard.ts";
import { loadVault, notFound } from "./api/load.ts";
import { proxyIn, saveProxies } from "./api/load-guard.ts";
import type { ApiOperation } from "./api/operation-record.ts";
import { proxyPath } from "./api/paths.ts";

/** An approved deletion must be carried out within this time. */
const unlockMs = 10 * minuteMs;

export const unlockDelete: ApiOperation = {
  id: "DppResourceGuardProxy_UnlockDelete",
  summary: "Approves the deletion of one resource for some minutes.",
  method: "POST",
  path: `${proxyPath}/unlockDelete`,
  permission:
    "Microsoft.DataProtection/backupVaults/backupResourceGuardProxies/unlockDelete/action",
  body: { schema: "UnlockDeleteRequest", required: true },
  async handle(call) {
    const wire = orRefuse(parseBody(unlockDeleteSchema, call.body));
    const found = await loadVault(call);
    const proxy = proxyIn(found.value, call.param("proxyName"));
    if (proxy === undefined) return refuse(notFound(call.links.path));
    const resourceId = wire.resourceToBeDeleted;
    await guardOperation(call, found.value, {
      operation: operationOn(resourceId),
      resourceId,
      requests: wire.resourceGuardOperationRequests,
    });
    const now = call.clock.now();
    const until = formatRecordInstant(now + unlockMs);
    const open = proxy.unlocks.filter((unlock) => (parseInstant(unlock.until) ?? 0) > now);
    const changed = { ...proxy, unlocks: [...open, { resourceId, until }] };
    const proxies = (found.value.guardProxies ?? []).map((one) => (one === proxy ? changed : one));
    await saveProxies(call, found, proxies);
    return json(200, { unlockDeleteExpiryTime: wireInstant(until) });
  },
};

const operationOn = (resourceId: string): CriticalOperation =>
  /\/backupResourceGuardProxies\//i.test(resourceId) ? "deleteProxy" : "deleteInstance";
