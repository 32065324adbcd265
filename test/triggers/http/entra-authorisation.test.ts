import { generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { createEntraAuthenticator } from "../../../src/adapters/identity/entra.ts";
import { roles } from "../../../src/ports/authenticator.ts";
import { apiOperations } from "../../../src/triggers/http/api/operations.ts";
import { mayDo } from "../../../src/triggers/http/api/permissions.ts";
import { samplePath } from "./sample-requests.ts";
import { createTestApi } from "./test-api.ts";

const tenantId = "11111111-2222-3333-4444-555555555555";
const rsa = await generateKeyPair("RS256");
const stranger = await generateKeyPair("RS256");
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const sign = (claims: Record<string, unknown>, key = rsa.privateKey) =>
  new SignJWT({
    iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    aud: "api://pgvault",
    tid: tenantId,
    oid: "person",
    exp: inSeconds(600),
    roles: roles.map((role) => role.replaceAll(" ", ".")),
    ...claims,
  })
    .setProtectedHeader({ alg: "RS256" })
    .sign(key);

const api = createTestApi(
  {},
  createEntraAuthenticator(
    { tenantId, audiences: ["api://pgvault"] },
    { keys: async () => rsa.publicKey },
  ),
);

/** Each would be allowed everything, were it not for its one flaw. */
const refusedTokens = {
  expired: await sign({ exp: inSeconds(-3600) }),
  "not yet valid": await sign({ nbf: inSeconds(3600) }),
  "for another audience": await sign({ aud: "https://management.azure.com" }),
  "of another tenant": await sign({ tid: "99999999-2222-3333-4444-555555555555" }),
  "of another issuer": await sign({
    iss: "https://sts.windows.net/99999999-2222-3333-4444-555555555555/",
  }),
  "signed by somebody else": await sign({}, stranger.privateKey),
};
const roleTokens = await Promise.all(
  roles.map(async (role) => [role, await sign({ roles: [role.replaceAll(" ", "")] })] as const),
);
const powerless = await sign({ roles: ["Reader", "Administrator"] });

describe("tokens of Microsoft Entra at every operation", () => {
  test.each(apiOperations.map((operation) => [operation.id, operation] as const))(
    "%s",
    async (_id, operation) => {
      const send = (token: string) =>
        api.send(
          operation.method,
          samplePath(operation),
          operation.method === "GET" ? undefined : {},
          { token },
        );
      for (const [flaw, token] of Object.entries(refusedTokens)) {
        expect(await send(token), flaw).toMatchObject({
          status: 401,
          body: { error: { code: "AuthenticationFailed" } },
        });
      }
      expect(await send(powerless), "no role of ours").toMatchObject({ status: 403 });
      for (const [role, token] of roleTokens) {
        const { status } = await send(token);
        if (mayDo(role, operation.permission)) expect([401, 403], role).not.toContain(status);
        else expect(status, role).toBe(403);
      }
    },
  );
});
