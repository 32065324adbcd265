import { createHash, timingSafeEqual } from "node:crypto";
import { fault } from "../../domain/fault.ts";
import { failed, ok } from "../../domain/result.ts";
import type { Authenticator, Principal, Role } from "../../ports/authenticator.ts";

/** Content of `tokens.json`: one bearer token for each role; `approver` is optional. */
export interface LocalTokens {
  readonly contributor: string;
  readonly operator: string;
  readonly reader: string;
  readonly approver?: string;
}

/** Who sits at the machine owns the vaults on it, so the contributor's token deletes them too. */
const rolesOf = {
  contributor: ["Backup Contributor", "Owner"],
  operator: ["Backup Operator"],
  reader: ["Backup Reader"],
  approver: ["Backup MUA Operator"],
} as const satisfies Record<keyof LocalTokens, readonly Role[]>;
const tokenNames = ["contributor", "operator", "reader", "approver"] as const;

/** Accepts the tokens of `tokens.json`, compared in constant time. */
export function createLocalAuthenticator(tokens: LocalTokens): Authenticator {
  const known = tokenNames.flatMap((name) => {
    const token = tokens[name];
    return token === undefined || token === ""
      ? []
      : [{ digest: sha256(token), principal: localPrincipal(name) }];
  });
  return {
    authenticate(bearerToken) {
      const digest = sha256(bearerToken);
      // Every token is compared, whichever matches, so that time tells nothing.
      const matches = known.filter((candidate) => timingSafeEqual(candidate.digest, digest));
      const [match] = matches;
      return Promise.resolve(
        match === undefined
          ? failed(
              fault("AuthenticationFailed", {
                detail: "the bearer token is none of those in tokens.json",
              }),
            )
          : ok(match.principal),
      );
    },
  };
}

const localPrincipal = (name: keyof LocalTokens): Principal => ({
  id: `local:${name}`,
  name: `local ${name}`,
  grants: rolesOf[name].map((role) => ({ role, scope: "/" })),
});

/** Equal lengths for the comparison, whatever was sent. */
const sha256 = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
