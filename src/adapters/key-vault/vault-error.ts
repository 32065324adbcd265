import { isRestError, type RestError } from "@azure/core-rest-pipeline";
import { type Fault, FaultError } from "../../domain/fault.ts";
import type { VaultFaults } from "./vault-faults.ts";

/**
 * Key Vault's refusals as the catalogue has them. Only codes and our own words go into the message:
 * the service's text names object ids and tenants that do not help the reader.
 */
export function translateVaultError(
  error: unknown,
  faults: VaultFaults,
  timedOutAfterMs: number | undefined,
): FaultError {
  if (error instanceof FaultError) return error;
  return new FaultError(describe(error, faults, timedOutAfterMs), { cause: error });
}

function describe(error: unknown, faults: VaultFaults, timedOutAfterMs: number | undefined): Fault {
  const { unreachable, forbidden } = faults;
  if (timedOutAfterMs !== undefined) {
    return passing(unreachable(`no answer in ${timedOutAfterMs} ms.`));
  }
  if (!isRestError(error)) {
    if (isCredentialError(error)) {
      return forbidden(`no Microsoft Entra token could be had (${error.name}).`);
    }
    // The SDK refuses a challenge for another domain: whoever answered is not that vault.
    return unreachable(`the host does not answer as a Key Vault does (${nameOf(error)}).`);
  }
  switch (error.statusCode) {
    case undefined:
      return passing(unreachable(`the host cannot be reached (${error.code ?? "no code"}).`));
    case 401:
      return forbidden("the vault does not accept pgvault's token; check the vault's tenant.");
    case 403:
      return describeForbidden(error, faults);
    case 404:
      return faults.absent;
    default:
      return error.statusCode === 429 || error.statusCode >= 500
        ? passing(unreachable(`the vault answers ${error.statusCode}.`))
        : unreachable(`the vault refuses the request with status ${error.statusCode}.`);
  }
}

function describeForbidden(error: RestError, faults: VaultFaults): Fault {
  const inner = innerCodeOf(error);
  if (
    inner === "SecretDisabled" ||
    inner === "KeyDisabled" ||
    /disabled (?:secret|key)/i.test(error.message)
  ) {
    return faults.disabled;
  }
  if (inner === "ForbiddenByFirewall" || inner === "ForbiddenByConnection") {
    return faults.unreachable("the vault's firewall does not let pgvault's network in.");
  }
  return faults.forbidden(`the vault answers ${inner ?? "Forbidden"}.`);
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
