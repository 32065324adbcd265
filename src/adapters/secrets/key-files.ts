import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { FaultError, fault } from "../../domain/fault.ts";

/** A file of this name below the folder of keys: no way out of the folder. */
export const keyFileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** Of AES-256. */
const keyBytes = 32;

/**
 * Reads keys of 32 bytes from `<folder>/<name>`, afresh at each use; undefined when there is none of
 * that name. A key that others than its owner may read is refused: it is no secret any more.
 */
export function createKeyFiles(folder: string): (name: string) => Promise<Uint8Array | undefined> {
  return async (name) => {
    if (!keyFileName.test(name)) return undefined;
    const path = join(folder, name);
    try {
      const { mode } = await stat(path);
      if (process.platform !== "win32" && (mode & 0o077) !== 0) {
        throw refuse(name, `${path} can be read by others than its owner: chmod 600 it.`);
      }
      const key = await readFile(path);
      if (key.length === keyBytes) return key;
      throw refuse(name, `${path} holds ${key.length} bytes, not ${keyBytes}.`);
    } catch (cause) {
      if (cause instanceof FaultError) throw cause;
      const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
      if (reason === "ENOENT") return undefined;
      throw refuse(name, `${path} cannot be read (${reason}).`, cause);
    }
  };
}

const refuse = (name: string, detail: string, cause?: unknown): FaultError => {
  const key = `file:${name}`;
  const values = { key, detail };
  return new FaultError(fault("UserErrorEncryptionKeyUnusable", values, { target: key }), {
    cause,
  });
};
