import { isRestError, type RestError } from "@azure/core-rest-pipeline";
import { type Fault, FaultError, fault } from "../../domain/fault.ts";

/**
 * Key Vault's refusals as the catalogue has them. Only codes and our own words go into the message:
 * the service's text names object ids and tenants that do not help the reader.
 */
export function translateVaultError(
  error: unknown,
  secret: string,
  timedOutAfterMs: number | undefined,
): FaultError {
  if (error instanceof FaultError) return error;
  return new FaultError(describe(error, secret, timedOutAfterMs), { cause: error });
}

function describe(error: unknown, secret: string, timedOutAfterMs: number | undefined): Fault {
  const store = (detail: string) => fault("UserErrorInvalidSecretStore", { secret, detail });
  const permission = (detail: string) =>
    fault("UserErrorMissingPermissionsOnSecretStore", { secret, detail });

  if (timedOutAfterMs !== undefined) return passing(store(`no answer in ${timedOutAfterMs} ms.`));
  if (!isRestError(error)) {
    if (isCredentialError(error)) {
      return permission(`no Microsoft Entra token could be had (${error.name}).`);
    }
    // The SDK refuses a challenge for another domain: whoever answered is not that vault.
    return store(`the host does not answer as a Key Vault does (${nameOf(error)}).`);
  }
  switch (error.statusCode) {
    case undefined:
      return passing(store(`the host cannot be reached (${error.code ?? "no code"}).`));
    case 401:
      return permission("the vault does not accept pgvault's token; check the vault's tenant.");
    case 403:
      return forbidden(error, secret, store, permission);
    case 404:
      return fault("UserErrorInvalidSecret", { secret });
    default:
      return error.statusCode === 429 || error.statusCode >= 500
        ? passing(store(`the vault answers ${error.statusCode}.`))
        : store(`the vault refuses the request with status ${error.statusCode}.`);
  }
}

function forbidden(
  error: RestError,
  secret: string,
  store: (detail: string) => Fault,
  permission: (detail: string) => Fault,
): Fault {
  const inner = innerCodeOf(error);
  if (inner === "SecretDisabled" || /disabled secret/i.test(error.message)) {
    const recommendedAction = ["It is disabled: enable it."];
    return fault("UserErrorInvalidSecret", { secret }, { recommendedAction });
  }
  if (inner === "ForbiddenByFirewall" || inner === "ForbiddenByConnection") {
    return store("the vault's firewall does not let pgvault's network in.");
  }
  return permission(`the vault answers ${inner ?? "Forbidden"}.`);
}

/** `{"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}}`, as the SDK keeps it. */
function innerCodeOf(error: RestError): string | undefined {
  const outer = memberOf(error.details, "error");
  const inner = memberOf(outer, "innerError") ?? memberOf(outer, "innererror");
  const code = memberOf(inner, "code");
  return typeof code === "string" ? code : undefined;
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const credentialErrors = [
  "AuthenticationError",
  "AuthenticationRequiredError",
  "AggregateAuthenticationError",
  "CredentialUnavailableError",
  "ChainedTokenCredentialError",
];

const isCredentialError = (error: unknown): error is Error =>
  error instanceof Error && credentialErrors.includes(error.name);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** Trying again may help, though the customer can mend it too. */
const passing = (value: Fault): Fault => ({ ...value, retryable: true });
