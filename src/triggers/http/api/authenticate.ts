import { fault } from "../../../domain/fault.ts";
import type { Authenticator, Principal } from "../../../ports/authenticator.ts";
import { orRefuse, refuse } from "./answers.ts";

interface Headers {
  get(name: string): string | null;
}

/** Longer than any token of Microsoft Entra; nothing beyond it is looked at. */
const maxTokenLength = 16_384;

/**
 * Who calls, from `Authorization: Bearer`. Nothing else counts: `X-MS-CLIENT-PRINCIPAL` can be
 * forged wherever platform authentication is off.
 */
export async function authenticate(
  authenticator: Authenticator,
  headers: Headers,
): Promise<Principal> {
  const token = bearerToken(headers.get("authorization"));
  if (token === undefined) {
    return refuse(
      fault("AuthenticationFailed", {
        detail: "the request has no header 'Authorization: Bearer TOKEN'",
      }),
    );
  }
  return orRefuse(await authenticator.authenticate(token));
}

/** The second person who approves a critical operation; a bad token is refused, not ignored. */
export async function authenticateApprover(
  authenticator: Authenticator,
  headers: Headers,
): Promise<Principal | undefined> {
  const token = bearerToken(headers.get("x-ms-authorization-auxiliary"));
  return token === undefined ? undefined : orRefuse(await authenticator.authenticate(token));
}

function bearerToken(header: string | null): string | undefined {
  if (header === null || header.length > maxTokenLength) return undefined;
  return /^Bearer +([^\s,]+)$/i.exec(header.trim())?.[1];
}
