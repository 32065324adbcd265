/**
 * Name of the identity that a Microsoft Entra access token was issued to: the managed identity's
 * resource name (`xms_mirid`), or a person's sign-in name. The token is our own and goes to the
 * server unchanged, so its signature is the server's business.
 */
export function roleInToken(token: string): string | undefined {
  const claims = parseClaims(token.split(".")[1] ?? "");
  const resourceId = claims["xms_mirid"];
  if (typeof resourceId === "string") return resourceId.split("/").at(-1);
  for (const name of ["upn", "preferred_username", "unique_name"]) {
    const value = claims[name];
    if (typeof value === "string") return value;
  }
  return undefined;
}

function parseClaims(part: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}
