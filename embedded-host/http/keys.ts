import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RegisteredFunction } from "../core/worker-port.ts";
import { isJsonObject, readJsonFile, SettingsError } from "../json-file.ts";

const KEY_BYTES = 32;
/** Webhook extensions of this host; each has a system key `<extension>_extension`. */
const WEBHOOK_EXTENSIONS = ["durabletask", "eventgrid"] as const;

export interface HostKeys {
  readonly master: string;
  readonly hostKey: string;
  /** By lower-case function name. */
  readonly functionKeys: Readonly<Record<string, string>>;
  /** By lower-case extension name. */
  readonly systemKeys: Readonly<Record<string, string>>;
}

/** What a caller needs in order to pass. */
export type AccessLevel =
  | { kind: "anonymous" }
  | { kind: "function"; functionName: string }
  | { kind: "system"; extension: string }
  | { kind: "master" };

/** Access level of an HTTP function. An unknown `authLevel` is treated as the strictest. */
export function functionAccess(fn: RegisteredFunction): AccessLevel {
  const level = fn.trigger["authLevel"] ?? "anonymous";
  if (level === "anonymous") return { kind: "anonymous" };
  return level === "function" ? { kind: "function", functionName: fn.name } : { kind: "master" };
}

/** `presented` is the value of header `x-functions-key`, else of `?code=`. */
export function isAuthorized(
  keys: HostKeys,
  level: AccessLevel,
  presented: string | null,
): boolean {
  if (level.kind === "anonymous") return true;
  if (presented === null) return false;
  return acceptedKeys(keys, level).some((key) => equalKeys(key, presented));
}

/** Reads the keys from the state folder; what is missing is made up and stored (mode 0600). */
export async function loadKeys(
  stateDirectory: string,
  functionNames: readonly string[],
): Promise<HostKeys> {
  const path = join(stateDirectory, "keys.json");
  const stored = (await readJsonFile(path)) ?? {};
  const keys: HostKeys = {
    master: keyOf(stored, "master", path),
    hostKey: keyOf(stored, "hostKey", path),
    functionKeys: keysOf(stored, "functionKeys", functionNames, path),
    systemKeys: keysOf(stored, "systemKeys", WEBHOOK_EXTENSIONS, path),
  };
  await writeKeys(path, `${JSON.stringify(keys, undefined, 2)}\n`);
  return keys;
}

function acceptedKeys(keys: HostKeys, level: AccessLevel): readonly string[] {
  switch (level.kind) {
    case "function": {
      const own = keys.functionKeys[level.functionName.toLowerCase()];
      return [keys.master, keys.hostKey, ...(own === undefined ? [] : [own])];
    }
    case "system": {
      const own = keys.systemKeys[level.extension];
      return [keys.master, ...(own === undefined ? [] : [own])];
    }
    default:
      return [keys.master];
  }
}

/** Takes the same time wherever the texts differ. */
function equalKeys(key: string, presented: string): boolean {
  const left = Buffer.from(key);
  const right = Buffer.from(presented);
  return left.length === right.length && timingSafeEqual(left, right);
}

function keyOf(stored: Record<string, unknown>, name: string, path: string): string {
  const value = stored[name];
  if (value === undefined) return randomBytes(KEY_BYTES).toString("base64url");
  if (typeof value === "string" && value !== "") return value;
  throw new SettingsError(`${path}: "${name}" must be a text that is not empty.`);
}

function keysOf(
  stored: Record<string, unknown>,
  section: string,
  names: readonly string[],
  path: string,
): Record<string, string> {
  const present = isJsonObject(stored[section]) ? stored[section] : {};
  const all = new Set([...Object.keys(present), ...names.map((name) => name.toLowerCase())]);
  return Object.fromEntries([...all].map((name) => [name, keyOf(present, name, path)]));
}

async function writeKeys(path: string, text: string): Promise<void> {
  const current = await readFile(path, "utf8").catch(() => undefined);
  if (current !== text) {
    // Renaming replaces the file at once: a crash leaves the old keys or the new ones.
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }
  await chmod(path, 0o600);
}
