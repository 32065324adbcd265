import type { ServerConnection } from "../domain/connection.ts";
import type { Credentials } from "../domain/datasource.ts";

/** Reads secrets by URI, afresh at each use, latest version unless the URI names one. */
export interface SecretStore {
  /**
   * Rejects with a FaultError: `UserErrorInvalidSecret` (no such secret, disabled, expired),
   * `UserErrorInvalidSecretStore` (store missing or unreachable),
   * `UserErrorMissingPermissionsOnSecretStore`.
   */
  read(uri: string): Promise<string>;
}

/** Turns what a backup instance or restore request says about credentials into a connection. */
export interface ConnectionSource {
  /**
   * Rejects as `SecretStore.read` does, or with `UserErrorSecretValueInUnsupportedFormat`. For
   * `identity` credentials the password is a fresh Microsoft Entra token.
   */
  resolve(credentials: Credentials, datasourceId: string): Promise<ServerConnection>;
}
