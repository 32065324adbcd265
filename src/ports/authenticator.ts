import type { Fault } from "../domain/fault.ts";
import type { Result } from "../domain/result.ts";

/**
 * Azure's built-in roles by name. `Owner` stands for Azure's Owner or Contributor of the resource
 * group: deletes vaults and owns resource guards. `Backup MUA Operator` approves critical operations.
 */
export const roles = [
  "Backup Reader",
  "Backup Operator",
  "Backup Contributor",
  "Backup MUA Operator",
  "Owner",
] as const;
export type Role = (typeof roles)[number];

/** A role over everything at or below a scope: `/`, a subscription, a resource group or a vault. */
export interface Grant {
  readonly role: Role;
  readonly scope: string;
}

/** Who calls. `id` is stable and tells two people apart; `name` is for people and the audit log. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** Tells who sent a bearer token. */
export interface Authenticator {
  /** Fails with `AuthenticationFailed`; rejects only when the keys of the issuer are unreachable. */
  authenticate(bearerToken: string): Promise<Result<Principal, Fault>>;
}
