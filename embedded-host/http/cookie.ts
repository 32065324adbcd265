import type { RpcCookie } from "../core/worker-port.ts";

const SAME_SITE: Readonly<Record<string, string>> = {
  lax: "Lax",
  strict: "Strict",
  // "none" means that the attribute is left out; this is the attribute's own None.
  explicitNone: "None",
};

/** A `Set-Cookie` value. Name and value are percent-encoded as the real host does. */
export function formatCookie(cookie: RpcCookie): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.domain !== undefined) parts.push(`Domain=${cookie.domain.value}`);
  if (cookie.path !== undefined) parts.push(`Path=${cookie.path.value}`);
  if (cookie.expires !== undefined) {
    parts.push(`Expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  }
  if (cookie.maxAge !== undefined) parts.push(`Max-Age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.secure?.value === true) parts.push("Secure");
  if (cookie.httpOnly?.value === true) parts.push("HttpOnly");
  const sameSite = SAME_SITE[cookie.sameSite ?? "none"];
  if (sameSite !== undefined) parts.push(`SameSite=${sameSite}`);
  return parts.join("; ");
}
