import type { TypedData } from "../core/worker-port.ts";
import {
  codeQuery,
  creationUrls,
  DURABLE_WEBHOOK_PATH,
  type HubAddress,
  managementUrls,
} from "./management-urls.ts";

/** Replaced by the SDK with the id it asks about. */
const INSTANCE_PLACEHOLDER = "INSTANCEID";

/** What `df.getClient` finds in a `durableClient` input: addresses, and the hub's name. */
export function durableClientBinding(
  origin: string,
  rpcBaseUrl: string,
  hub: HubAddress,
): TypedData {
  const binding = {
    taskHubName: hub.hubName,
    connectionName: null,
    creationUrls: creationUrls(origin, hub),
    managementUrls: managementUrls(origin, hub, INSTANCE_PLACEHOLDER),
    baseUrl: `${origin}${DURABLE_WEBHOOK_PATH}`,
    requiredQueryStringParameters: codeQuery(hub),
    // The SDK resolves relative paths against it, so the slash matters.
    rpcBaseUrl: rpcBaseUrl.endsWith("/") ? rpcBaseUrl : `${rpcBaseUrl}/`,
    httpBaseUrl: null,
  };
  return { string: JSON.stringify(binding) };
}
