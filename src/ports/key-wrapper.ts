/**
 * Wraps the data key of one recovery point with a key that never leaves its keeper (a Key Vault key,
 * or locally a key file). Rejects with a FaultError: `UserErrorInvalidSecret` (no such key),
 * `UserErrorMissingPermissionsOnSecretStore`, `UserErrorInvalidSecretStore`; `unwrap` with
 * `RecoveryPointCorrupt` when the wrapped key is not what `wrap` made with this key.
 */
export interface KeyWrapper {
  wrap(keyId: string, dataKey: Uint8Array): Promise<Uint8Array>;
  unwrap(keyId: string, wrappedKey: Uint8Array): Promise<Uint8Array>;
}
