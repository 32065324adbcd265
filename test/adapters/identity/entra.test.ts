import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { createEntraAuthenticator } from "../../../src/adapters/identity/entra.ts";

const tenantId = "11111111-2222-3333-4444-555555555555";
const audience = "api://pgvault";
const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;
const rsa = await generateKeyPair("RS256", { extractable: true });
const other = await generateKeyPair("RS256");
const settings = { tenantId, audiences: [audience, "client-id"] };
const keys = async () => rsa.publicKey;

interface Claims {
  readonly [name: string]: unknown;
}

const sign = (claims: Claims, options: { key?: CryptoKey; alg?: string; kid?: string } = {}) =>
  new SignJWT({
    iss: issuer,
    aud: audience,
    tid: tenantId,
    oid: "person",
    exp: inSeconds(600),
    ...claims,
  })
    .setProtectedHeader({
      alg: options.alg ?? "RS256",
      ...(options.kid === undefined ? {} : { kid: options.kid }),
    })
    .sign(options.key ?? rsa.privateKey);

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

describe("tokens of Microsoft Entra", () => {
  test("app roles become grants, whatever their spelling; unknown ones nothing", async () => {
    const authenticator = createEntraAuthenticator(settings, { keys });
    const token = await sign({
      roles: ["Backup.Contributor", "backup-reader", "Root"],
      preferred_username: "ann@example.com",
    });
    expect(await authenticator.authenticate(token)).toEqual({
      ok: true,
      value: {
        id: `${tenantId}/person`,
        name: "ann@example.com",
        grants: [
          { role: "Backup Contributor", scope: "/" },
          { role: "Backup Reader", scope: "/" },
        ],
      },
    });
  });

  test("configuration narrows an app role to scopes and gives roles to objects and groups", async () => {
    const authenticator = createEntraAuthenticator(
      {
        ...settings,
        defaultScope: "/subscriptions/e",
        roleScopes: { "Backup Operator": ["/subscriptions/a", "/subscriptions/b"] },
        assignments: [
          { objectId: "person", role: "Backup Reader", scope: "/subscriptions/c" },
          { objectId: "team", role: "Owner", scope: "/subscriptions/d" },
          { objectId: "someone-else", role: "Owner", scope: "/" },
        ],
      },
      { keys },
    );
    const token = await sign({ roles: ["BackupOperator", "Backup.Reader"], groups: ["team"] });
    expect(await authenticator.authenticate(token)).toMatchObject({
      value: {
        grants: [
          { role: "Backup Operator", scope: "/subscriptions/a" },
          { role: "Backup Operator", scope: "/subscriptions/b" },
          { role: "Backup Reader", scope: "/subscriptions/e" },
          { role: "Backup Reader", scope: "/subscriptions/c" },
          { role: "Owner", scope: "/subscriptions/d" },
        ],
      },
    });
  });

  test("version 1.0 tokens of the tenant are accepted", async () => {
    const authenticator = createEntraAuthenticator(settings, { keys });
    const token = await sign({ iss: `https://sts.windows.net/${tenantId}/`, aud: "client-id" });
    expect(await authenticator.authenticate(token)).toMatchObject({ ok: true });
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    ["expired", () => sign({ exp: inSeconds(-120) }), /expired/],
    ["without expiry", () => sign({ exp: undefined }), /'exp'/],
    ["not valid yet", () => sign({ nbf: inSeconds(300) }), /'nbf'/],
    ["for another audience", () => sign({ aud: "https://management.azure.com" }), /'aud'/],
    ["of another issuer", () => sign({ iss: "https://evil.example/v2.0" }), /'iss'/],
    ["of another tenant", () => sign({ tid: "other" }), /another tenant/],
    ["without tenant", () => sign({ tid: undefined }), /'tid'/],
    ["signed by another key", () => sign({}, { key: other.privateKey }), /signature/],
    ["signed with a shared secret", async () => hmacToken(), /RS256/],
    ["unsigned", async () => unsignedToken(), /RS256|not a JSON Web Token/],
    ["no token at all", async () => "contributor", /not a JSON Web Token/],
    ["tampered with", async () => tampered(await sign({})), /signature/],
  ])(
    "a token that is %s is refused, and not repeated in the answer",
    async (_what, make, reason) => {
      const token = await make();
      const answer = await createEntraAuthenticator(settings, { keys }).authenticate(token);
      expect(answer).toMatchObject({ ok: false, error: { code: "AuthenticationFailed" } });
      if (answer.ok) return;
      expect(answer.error.message).toMatch(reason);
      expect(answer.error.message).not.toContain(token);
    },
  );

  test("a delegated token needs the scope; an application's needs none", async () => {
    const authenticator = createEntraAuthenticator(
      { ...settings, requiredScope: "user_impersonation" },
      { keys },
    );
    expect(await authenticator.authenticate(await sign({ scp: "openid" }))).toMatchObject({
      ok: false,
    });
    expect(
      await authenticator.authenticate(await sign({ scp: "openid user_impersonation" })),
    ).toMatchObject({ ok: true });
    expect(await authenticator.authenticate(await sign({}))).toMatchObject({ ok: true });
  });

  test("keys come from the tenant's endpoint, are cached, and read again when they rotate", async () => {
    await withKeyServer(async (authority, server) => {
      const authenticator = createEntraAuthenticator({ ...settings, authority });
      const local = { iss: `${authority}/${tenantId}/v2.0` };
      for (let call = 0; call < 3; call += 1) {
        const token = await sign(local, { kid: "first" });
        expect(await authenticator.authenticate(token)).toMatchObject({ ok: true });
      }
      expect(server.requests).toBe(1);
      const unknown = await sign(local, { kid: "unpublished" });
      expect(await authenticator.authenticate(unknown)).toMatchObject({ ok: false });
      // Within the cool-down an unknown key id is refused without asking again: no amplification.
      expect(server.requests).toBe(1);
    });
  });

  test("an unreachable endpoint is the platform's fault, never a way in", async () => {
    const authenticator = createEntraAuthenticator({
      ...settings,
      authority: "http://127.0.0.1:9",
    });
    const token = await sign({ iss: `http://127.0.0.1:9/${tenantId}/v2.0` }, { kid: "x" });
    await expect(authenticator.authenticate(token)).rejects.toMatchObject({
      fault: { code: "OperationTimedOut" },
    });
  });
});

function unsignedToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: issuer, aud: audience, tid: tenantId, oid: "x", exp: inSeconds(600) };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

const hmacToken = () =>
  new SignJWT({ iss: issuer, aud: audience, tid: tenantId, exp: inSeconds(600) })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode("x".repeat(32)));

function tampered(token: string): string {
  const [header, claims = "", signature] = token.split(".");
  const changed = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
  const forged = Buffer.from(JSON.stringify({ ...changed, roles: ["Owner"] })).toString(
    "base64url",
  );
  return [header, forged, signature].join(".");
}

async function withKeyServer(
  run: (authority: string, server: { requests: number }) => Promise<void>,
): Promise<void> {
  const seen = { requests: 0 };
  const jwk = { ...(await exportJWK(rsa.publicKey)), kid: "first", alg: "RS256", use: "sig" };
  const server = createServer((_request, response) => {
    seen.requests += 1;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
