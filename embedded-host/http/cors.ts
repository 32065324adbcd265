import type { IncomingMessage, ServerResponse } from "node:http";

export interface CorsSettings {
  readonly origins: readonly string[];
  readonly allowsCredentials: boolean;
}

/**
 * Adds the CORS headers for an allowed origin. True: the request was a preflight, and the answer
 * is complete up to its end.
 */
export function applyCors(
  settings: CorsSettings,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined || settings.origins.length === 0) return false;
  const isAllowed = settings.origins.includes("*") || settings.origins.includes(origin);
  if (!isAllowed) return false;
  response.setHeader("access-control-allow-origin", origin);
  response.appendHeader("vary", "Origin");
  if (settings.allowsCredentials) response.setHeader("access-control-allow-credentials", "true");
  const requested = request.headers["access-control-request-method"];
  if (request.method !== "OPTIONS" || requested === undefined) return false;
  response.setHeader("access-control-allow-methods", requested);
  const headers = request.headers["access-control-request-headers"];
  if (headers !== undefined) response.setHeader("access-control-allow-headers", headers);
  response.writeHead(204);
  return true;
}
