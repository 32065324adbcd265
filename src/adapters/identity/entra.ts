import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type Fault, FaultError, fault } from "../../domain/fault.ts";
import { failed, ok, type Result } from "../../domain/result.ts";
import {
  type Authenticator,
  type Grant,
  type Principal,
  type Role,
  roles,
} from "../../ports/authenticator.ts";

export interface EntraSettings {
  readonly tenantId: string;
  /** Accepted `aud` values: the client id and the App ID URI of pgvault's app registration. */
  readonly audiences: readonly string[];
  /** Delegated tokens must carry this scope; tokens of applications carry none. */
  readonly requiredScope?: string;
  /** Where app roles hold unless `roleScopes` says otherwise; default `/`: everywhere. */
  readonly defaultScope?: string;
  /** Where each app role holds. */
  readonly roleScopes?: Readonly<Partial<Record<Role, readonly string[]>>>;
  /** Roles given to a user, application or group by its object id. */
  readonly assignments?: readonly (Grant & { readonly objectId: string })[];
  /** Default: Microsoft's public cloud. */
  readonly authority?: string;
}

/** Signing keys rotate; they are read again for an unknown key id, at most this often. */
const keysCooldownMs = 30_000;
const keysMaxAgeMs = 10 * 60_000;
const keysTimeoutMs = 5_000;
/** Clocks of issuer and host may differ by so much. */
const clockToleranceSeconds = 60;

/**
 * Accepts tokens of one Microsoft Entra tenant: RS256 by the tenant's published keys, issuer,
 * audience, tenant, expiry and not-before. App roles and assignments say what the caller may do.
 */
export function createEntraAuthenticator(
  settings: EntraSettings,
  options: { readonly keys?: JWTVerifyGetKey; readonly now?: () => number } = {},
): Authenticator {
  const authority = (settings.authority ?? "https://login.microsoftonline.com").replace(/\/+$/, "");
  const tenant = `${authority}/${settings.tenantId}`;
  const keys =
    options.keys ??
    createRemoteJWKSet(new URL(`${tenant}/discovery/v2.0/keys`), {
      cooldownDuration: keysCooldownMs,
      cacheMaxAge: keysMaxAgeMs,
      timeoutDuration: keysTimeoutMs,
    });
  return {
    async authenticate(bearerToken) {
      try {
        const { payload } = await jwtVerify(bearerToken, keys, {
          algorithms: ["RS256"],
          // Version 2.0 tokens, and version 1.0 tokens as older app registrations ask for.
          issuer: [`${tenant}/v2.0`, `https://sts.windows.net/${settings.tenantId}/`],
          audience: [...settings.audiences],
          requiredClaims: ["exp", "iss", "aud", "tid"],
          clockTolerance: clockToleranceSeconds,
          ...(options.now === undefined ? {} : { currentDate: new Date(options.now()) }),
        });
        return readPrincipal(payload, settings);
      } catch (error) {
        return failed(refusalOf(error));
      }
    },
  };
}

function readPrincipal(payload: JWTPayload, settings: EntraSettings): Result<Principal, Fault> {
  if (payload["tid"] !== settings.tenantId) {
    return failed(refused("the token is of another tenant"));
  }
  const scopes = textOf(payload["scp"])?.split(" ");
  const { requiredScope } = settings;
  if (scopes !== undefined && requiredScope !== undefined && !scopes.includes(requiredScope)) {
    return failed(refused(`the token lacks the scope '${requiredScope}'`));
  }
  const id = textOf(payload["oid"]) ?? payload.sub;
  if (id === undefined) return failed(refused("the token names neither oid nor sub"));
  const name =
    textOf(payload["preferred_username"]) ??
    textOf(payload["upn"]) ??
    textOf(payload["app_displayname"]) ??
    textOf(payload["azp"]) ??
    textOf(payload["appid"]) ??
    id;
  return ok({ id: `${settings.tenantId}/${id}`, name, grants: grantsOf(payload, id, settings) });
}

function grantsOf(payload: JWTPayload, id: string, settings: EntraSettings): readonly Grant[] {
  const appRoles = textsOf(payload["roles"]).flatMap((value) => {
    const role = roles.find((known) => folded(known) === folded(value));
    const scopes =
      role === undefined ? [] : (settings.roleScopes?.[role] ?? [settings.defaultScope ?? "/"]);
    return role === undefined ? [] : scopes.map((scope) => ({ role, scope }));
  });
  const identities = new Set([id, ...textsOf(payload["groups"])]);
  const assigned = (settings.assignments ?? [])
    .filter(({ objectId }) => identities.has(objectId))
    .map(({ role, scope }) => ({ role, scope }));
  return [...appRoles, ...assigned];
}

/** Values of app roles hold no spaces: `Backup.Reader`, `BackupReader` and `backup-reader` are one. */
const folded = (role: string): string => role.replaceAll(/[^A-Za-z]/g, "").toLowerCase();

/** The token's own fault, told without repeating the token; anything else is the platform's. */
function refusalOf(error: unknown): Fault {
  if (error instanceof errors.JWTExpired) return refused("the token has expired");
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(`claim '${error.claim}' of the token is not acceptable`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused("the token's signature is not the tenant's");
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refused("the token is signed with a key that the tenant does not publish");
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return refused("the token is not signed by RS256");
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return refused("the bearer token is not a JSON Web Token");
  }
  if (error instanceof FaultError) return error.fault;
  throw new FaultError(
    fault("OperationTimedOut", {
      what: "reading the tenant's signing keys",
      limit: `${keysTimeoutMs} ms`,
    }),
    { cause: error },
  );
}

const refused = (detail: string): Fault => fault("AuthenticationFailed", { detail });

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
