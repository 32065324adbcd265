/**
 * Wraps the data key of one recovery point with a key that never leaves its keeper (a Key Vault key,
 * or locally a key file). Rejects with a FaultError: `UserErrorEncryptionKeyUnusable` (no such key,
 * disabled, expired, of the wrong kind), `UserErrorEncryptionKeyUnreachable`,
 * `UserErrorMissingPermissionsOnEncryptionKey`; `unwrap` with `RecoveryPointCorrupt` when the wrapped
 * key is not what `wrap` made with this key.
 */
export interface KeyWrapper {
  wrap(keyId: string, dataKey: Uint8Array): Promise<WrappedKey>;
  /** `keyId` is the one that `wrap` answered. */
  unwrap(keyId: string, wrappedKey: Uint8Array): Promise<Uint8Array>;
}

export interface WrappedKey {
  /** The key that was used, exactly: its version too, where the keeper has versions. */
  readonly keyId: string;
  readonly wrappedKey: Uint8Array;
}
