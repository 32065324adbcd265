import type { ServerResponse } from "node:http";

/** Error as Key Vault writes it. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  inner?: string,
  headers: Record<string, string> = {},
): "answered" {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(
    JSON.stringify({ error: { code, message: `${code}: caller oid=1234`, ...innererror } }),
  );
  return "answered";
}
