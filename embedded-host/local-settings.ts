import type { JsonObject } from "./json-file.ts";
import { describeValue, isJsonObject, property, readJsonFile, SettingsError } from "./json-file.ts";

export interface LocalSettings {
  /** Settings by name; those that the environment already holds are for the caller to skip. */
  readonly values: Readonly<Record<string, string>>;
  readonly localHttpPort: number | undefined;
  /** Origins that browsers may call from; `*` allows all. */
  readonly corsOrigins: readonly string[];
  readonly corsCredentials: boolean;
}

/** `local.settings.json` as Core Tools reads it. A missing file means no settings. */
export async function readLocalSettings(path: string): Promise<LocalSettings> {
  const file = (await readJsonFile(path)) ?? {};
  if (property(file, "IsEncrypted") === true) {
    throw new SettingsError(
      `${path} is encrypted ("IsEncrypted": true). Run "func settings decrypt" and try again.`,
    );
  }
  const host = section(file, "Host", path);
  return {
    values: { ...parseValues(file, path), ...parseConnectionStrings(file, path) },
    localHttpPort: parsePort(property(host, "LocalHttpPort"), path),
    corsOrigins: parseOrigins(property(host, "CORS"), path),
    corsCredentials: property(host, "CORSCredentials") === true,
  };
}

function parseValues(file: JsonObject, path: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(section(file, "Values", path))) {
    // null means "not set"; an empty string is a setting.
    if (value === null) continue;
    values[name] = scalarText(value, `Values.${name}`, path);
  }
  return values;
}

function parseConnectionStrings(file: JsonObject, path: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(section(file, "ConnectionStrings", path))) {
    if (value === null) continue;
    const text = isJsonObject(value) ? property(value, "ConnectionString") : value;
    values[`ConnectionStrings:${name}`] = scalarText(text, `ConnectionStrings.${name}`, path);
  }
  return values;
}

function section(file: JsonObject, name: string, path: string): JsonObject {
  const value = property(file, name) ?? {};
  if (isJsonObject(value)) return value;
  throw new SettingsError(
    `${path}: "${name}" is ${describeValue(value)}, but must be a JSON object.`,
  );
}

function scalarText(value: unknown, field: string, path: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new SettingsError(
    `${path}: "${field}" is ${describeValue(value)}, but must be a string, a number, true or false.`,
  );
}

function parsePort(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SettingsError(
    `${path}: "Host.LocalHttpPort" is ${describeValue(value)}, but must be a port from 0 to 65535.`,
  );
}

function parseOrigins(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "string") {
    throw new SettingsError(
      `${path}: "Host.CORS" is ${describeValue(value)}, but must be a string of origins with commas between.`,
    );
  }
  return value
    .split(",")
    .map((origin) => origin.trim().replace(/\/$/, ""))
    .filter((origin) => origin !== "");
}
