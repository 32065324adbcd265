import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { FaultError, fault } from "../../../domain/fault.ts";
import type { KeyWrapper } from "../../../ports/key-wrapper.ts";
import { noKeys } from "./archive-cipher.ts";

const prefix = "file:";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Keys of 32 bytes in files, addressed as `file:<name>`; `readKey` reads one, undefined when absent.
 * Wrapped form: nonce, sealed key, tag (AES-256-GCM), bound to the key's id.
 */
export function createFileKeyWrapper(
  readKey: (name: string) => Promise<Uint8Array | undefined>,
): KeyWrapper {
  const keyOf = async (keyId: string): Promise<Uint8Array> => {
    const key = keyId.startsWith(prefix) ? await readKey(keyId.slice(prefix.length)) : undefined;
    if (key?.length !== keyBytes) throw new FaultError(noKeys(keyId));
    return key;
  };
  return {
    wrap: async (keyId, dataKey) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", await keyOf(keyId), nonce);
      cipher.setAAD(boundTo(keyId));
      const sealed = [nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()];
      return { keyId, wrappedKey: Buffer.concat(sealed) };
    },
    unwrap: async (keyId, wrappedKey) => {
      const key = await keyOf(keyId);
      try {
        const wrapped = Buffer.from(wrappedKey);
        const nonce = wrapped.subarray(0, nonceBytes);
        const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
        decipher.setAAD(boundTo(keyId));
        decipher.setAuthTag(wrapped.subarray(wrapped.length - tagBytes));
        const sealed = wrapped.subarray(nonceBytes, wrapped.length - tagBytes);
        return Buffer.concat([decipher.update(sealed), decipher.final()]);
      } catch (cause) {
        const detail = `its data key was not wrapped with ${keyId} as it is now`;
        throw new FaultError(fault("RecoveryPointCorrupt", { recoveryPoint: keyId, detail }), {
          cause,
        });
      }
    },
  };
}

const boundTo = (keyId: string): Buffer => Buffer.from(`pgvault data key ${keyId}`);
