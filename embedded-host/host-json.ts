import type { LogLevel } from "./core/log.ts";
import type { JsonObject } from "./json-file.ts";
import { describeValue, isJsonObject, property, readJsonFile, SettingsError } from "./json-file.ts";
import { parseTimeSpanMs } from "./time-span.ts";

const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;
const LOG_LEVELS = [
  "trace",
  "debug",
  "information",
  "warning",
  "error",
  "critical",
  "none",
] as const satisfies readonly LogLevel[];

/** The fields of host.json that this host honours, parsed; absent ones at the real host's default. */
export interface HostJson {
  /** null: no limit. */
  readonly functionTimeoutMs: number | null;
  /** Without slashes at its ends; may be empty. */
  readonly routePrefix: string;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly logLevels: Readonly<Record<string, LogLevel>>;
  readonly durableTask: DurableTaskSettings;
}

/** Absent limits are for the durable engine to choose. */
export interface DurableTaskSettings {
  readonly hubName: string;
  readonly limits: {
    readonly maxConcurrentActivities?: number;
    readonly maxConcurrentOrchestrators?: number;
    readonly maxConcurrentEntities?: number;
    readonly maxEntityOperationBatchSize?: number;
  };
  readonly defaultAsyncRequestSleepTimeMs?: number;
}

/**
 * Reads host.json and lays `AzureFunctionsJobHost__a__b` settings over it, as the real host does.
 * `resolve` replaces `%NAME%` in the fields where the real host does so.
 */
export async function readHostJson(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  resolve: (text: string, where: string) => string,
): Promise<HostJson> {
  const file = await readJsonFile(path);
  if (file === undefined) {
    throw new SettingsError(
      `${path} does not exist. A Functions app needs it; the smallest one is {"version": "2.0"}.`,
    );
  }
  const read = createReader(withOverrides(file, env), path);
  if (read("version") !== "2.0") {
    throw read.error("version", 'must be "2.0", the only host.json schema of Functions v2 to v4');
  }
  return {
    functionTimeoutMs: parseFunctionTimeout(read),
    routePrefix: parseRoutePrefix(read),
    customHeaders: parseCustomHeaders(read),
    logLevels: parseLogLevels(read),
    durableTask: parseDurableTask(read, (text) => resolve(text, `${path}: hubName`)),
  };
}

interface Reader {
  (field: string): unknown;
  error(field: string, expectation: string): SettingsError;
}

function createReader(root: JsonObject, path: string): Reader {
  const read = (field: string): unknown =>
    field
      .split(".")
      .reduce<unknown>((at, name) => (isJsonObject(at) ? property(at, name) : undefined), root);
  const error = (field: string, expectation: string): SettingsError =>
    new SettingsError(`${path}: "${field}" is ${describeValue(read(field))}, but ${expectation}.`);
  return Object.assign(read, { error });
}

function withOverrides(
  file: JsonObject,
  env: Readonly<Record<string, string | undefined>>,
): JsonObject {
  const result = structuredClone(file);
  for (const [name, value] of Object.entries(env)) {
    const [root, ...path] = name.split(/__|:/);
    if (root?.toLowerCase() !== "azurefunctionsjobhost" || value === undefined) continue;
    overrideField(result, path, value);
  }
  return result;
}

function overrideField(object: JsonObject, path: readonly string[], value: string): void {
  const [first, ...rest] = path;
  if (first === undefined || first === "") return;
  const key =
    Object.keys(object).find((other) => other.toLowerCase() === first.toLowerCase()) ?? first;
  if (rest.length === 0) {
    object[key] = value;
    return;
  }
  const child = object[key];
  const target = isJsonObject(child) ? child : {};
  object[key] = target;
  overrideField(target, rest, value);
}

function parseFunctionTimeout(read: Reader): number | null {
  const value = read("functionTimeout");
  if (value === undefined || value === null) return DEFAULT_FUNCTION_TIMEOUT_MS;
  if (value === "-1" || value === -1) return null;
  const timeoutMs = typeof value === "string" ? parseTimeSpanMs(value) : undefined;
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  throw read.error(
    "functionTimeout",
    'must be a positive time span such as "00:30:00", or "-1" for no limit',
  );
}

function parseRoutePrefix(read: Reader): string {
  const value = read("extensions.http.routePrefix") ?? "api";
  if (typeof value !== "string") {
    throw read.error("extensions.http.routePrefix", "must be a string (empty for no prefix)");
  }
  return value.replace(/^\/+|\/+$/g, "");
}

function parseCustomHeaders(read: Reader): Record<string, string> {
  const value = read("extensions.http.customHeaders") ?? {};
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  if (!isJsonObject(value) || entries.some(([, text]) => typeof text !== "string")) {
    throw read.error("extensions.http.customHeaders", "must be an object of strings");
  }
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]));
}

function parseLogLevels(read: Reader): Record<string, LogLevel> {
  const value = read("logging.logLevel") ?? {};
  if (!isJsonObject(value)) throw read.error("logging.logLevel", "must be an object of levels");
  const levels: Record<string, LogLevel> = {};
  for (const [category, text] of Object.entries(value)) {
    const level = LOG_LEVELS.find((known) => known === String(text).toLowerCase());
    if (level === undefined) {
      throw read.error(
        "logging.logLevel",
        `level ${describeValue(text)} of category "${category}" must be one of ${LOG_LEVELS.join(", ")}`,
      );
    }
    levels[category] = level;
  }
  return levels;
}

const DURABLE_LIMITS = {
  maxConcurrentActivities: "maxConcurrentActivityFunctions",
  maxConcurrentOrchestrators: "maxConcurrentOrchestratorFunctions",
  maxConcurrentEntities: "maxConcurrentEntityFunctions",
  maxEntityOperationBatchSize: "maxEntityOperationBatchSize",
} as const;

function parseDurableTask(read: Reader, resolve: (text: string) => string): DurableTaskSettings {
  const limits: Record<string, number> = {};
  for (const [name, field] of Object.entries(DURABLE_LIMITS)) {
    const limit = parsePositiveInteger(read, `extensions.durableTask.${field}`);
    if (limit !== undefined) limits[name] = limit;
  }
  const sleepField = "extensions.durableTask.httpSettings.defaultAsyncRequestSleepTimeMilliseconds";
  const sleepMs = parsePositiveInteger(read, sleepField);
  return {
    hubName: parseHubName(read, resolve),
    limits,
    ...(sleepMs === undefined ? {} : { defaultAsyncRequestSleepTimeMs: sleepMs }),
  };
}

function parsePositiveInteger(read: Reader, field: string): number | undefined {
  const value = read(field);
  if (value === undefined || value === null) return undefined;
  // Overrides from the environment arrive as text.
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number > 0) return number;
  throw read.error(field, "must be a whole number greater than 0");
}

function parseHubName(read: Reader, resolve: (text: string) => string): string {
  const field = "extensions.durableTask.hubName";
  const value = read(field) ?? "TestHubName";
  const name = typeof value === "string" ? resolve(value) : "";
  if (/^[A-Za-z][A-Za-z0-9]{2,44}$/.test(name)) return name;
  throw read.error(field, "must be 3 to 45 letters and digits, a letter first");
}
