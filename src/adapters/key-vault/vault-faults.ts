import { type Fault, fault } from "../../domain/fault.ts";

/** What can be said of a secret or key that Key Vault does not give. */
export interface VaultFaults {
  readonly absent: Fault;
  readonly disabled: Fault;
  /** Wrong address, network, outage. */
  unreachable(detail: string): Fault;
  forbidden(detail: string): Fault;
}

export const secretFaults = (secret: string): VaultFaults => ({
  absent: fault("UserErrorInvalidSecret", { secret }),
  disabled: fault(
    "UserErrorInvalidSecret",
    { secret },
    { recommendedAction: ["It is disabled: enable it."] },
  ),
  unreachable: (detail) => fault("UserErrorInvalidSecretStore", { secret, detail }),
  forbidden: (detail) => fault("UserErrorMissingPermissionsOnSecretStore", { secret, detail }),
});
