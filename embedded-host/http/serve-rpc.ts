import type { WriteLog } from "../core/log.ts";
import type { DurableHost } from "../durable/durable-host.ts";
import { describeError } from "../json-file.ts";
import { sendEmpty } from "./answer.ts";
import { callDurable, RPC_DURABLE_PATH } from "./durable-mount.ts";
import type { RequestHandler } from "./listener.ts";

/** The loopback-only listener that durable clients inside the app talk to. It asks for no keys. */
export function serveRpc(
  durable: DurableHost,
  bodyLimitBytes: number,
  log: WriteLog,
): RequestHandler {
  return async (request, response) => {
    try {
      const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
      // A web page can make a browser post here, but not without naming its origin.
      if (request.headers.origin !== undefined) sendEmpty(response, 403);
      else if (!url.pathname.startsWith(`${RPC_DURABLE_PATH}/`)) sendEmpty(response, 404);
      else {
        const mountPath = RPC_DURABLE_PATH;
        await callDurable(request, response, { durable, url, mountPath, bodyLimitBytes });
      }
    } catch (error) {
      const message = `Durable client call ${request.url}: ${describeError(error)}`;
      log({ level: "error", category: "system", message });
      if (response.headersSent) response.destroy();
      else sendEmpty(response, 500);
    }
  };
}
