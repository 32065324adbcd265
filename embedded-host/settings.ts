import { join } from "node:path";
import type { HostJson } from "./host-json.ts";
import { readHostJson } from "./host-json.ts";
import { SettingsError } from "./json-file.ts";
import type { LocalSettings } from "./local-settings.ts";
import { readLocalSettings } from "./local-settings.ts";

/** Names beside which nothing else decides that a request to this machine goes past a proxy. */
const LOOPBACK_NAMES = ["127.0.0.1", "localhost"];
const DEFAULT_PORT = 7071;
/** 100 MiB, the real host's limit for a buffered request body. */
const DEFAULT_BODY_LIMIT_BYTES = 104_857_600;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AppSettings {
  readonly host: HostJson;
  readonly local: LocalSettings;
  /** What the process environment must additionally hold before the app is loaded. */
  readonly additions: Readonly<Record<string, string>>;
  /** The environment with the additions. */
  readonly env: Environment;
  readonly defaultPort: number;
  readonly bodyLimitBytes: number;
}

/** Everything that the app's folder and the environment say, checked before the app is loaded. */
export async function readAppSettings(
  appDirectory: string,
  env: Environment,
): Promise<AppSettings> {
  const local = await readLocalSettings(join(appDirectory, "local.settings.json"));
  const added = Object.entries(local.values).filter(([name]) => env[name] === undefined);
  const additions = Object.fromEntries(added);
  const effective = { ...env, ...additions };
  return {
    host: await readHostJson(join(appDirectory, "host.json"), effective, (text, where) =>
      resolveSettings(text, effective, where),
    ),
    local,
    additions,
    env: effective,
    defaultPort: local.localHttpPort ?? DEFAULT_PORT,
    bodyLimitBytes: parseBodyLimit(effective),
  };
}

/** What the real host sets for every app; `port` is the one that the host listens on. */
export function forcedEnvironment(
  appDirectory: string,
  port: number,
  env: Environment,
): Readonly<Record<string, string>> {
  const noProxy = [
    ...new Set([...splitList(env["NO_PROXY"] ?? env["no_proxy"]), ...LOOPBACK_NAMES]),
  ].join(",");
  return {
    AZURE_FUNCTIONS_ENVIRONMENT: "Development",
    // Without it the durable client rewrites its URLs to http://localhost:7071.
    WEBSITE_HOSTNAME: `localhost:${port}`,
    AzureWebJobsScriptRoot: appDirectory,
    FUNCTIONS_WORKER_RUNTIME: "node",
    // The durable client obeys HTTP_PROXY, even for calls to this very process.
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}

/** Replaces each `%NAME%` by the setting of that name; an unknown name is an error. */
export function resolveSettings(text: string, env: Environment, where: string): string {
  return text.replace(/%([A-Za-z_][\w.:-]*)%/g, (_match, name: string) => {
    const value = lookUp(env, name);
    if (value !== undefined) return value;
    throw new SettingsError(
      `${where} is "${text}", but there is no setting "${name}". Set it in local.settings.json (Values) or in the environment.`,
    );
  });
}

/** `AzureWebJobs.<Name>.Disabled`, also with `__` for shells that allow no dots in names. */
export function isDisabled(functionName: string, env: Environment): boolean {
  const value =
    lookUp(env, `AzureWebJobs.${functionName}.Disabled`) ??
    lookUp(env, `AzureWebJobs__${functionName}__Disabled`);
  return value !== undefined && ["true", "1"].includes(value.trim().toLowerCase());
}

function lookUp(env: Environment, name: string): string | undefined {
  if (env[name] !== undefined) return env[name];
  const key = Object.keys(env).find((other) => other.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : env[key];
}

function parseBodyLimit(env: Environment): number {
  const name = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";
  const text = lookUp(env, name);
  if (text === undefined) return DEFAULT_BODY_LIMIT_BYTES;
  const limitBytes = Number(text);
  if (Number.isInteger(limitBytes) && limitBytes > 0) return limitBytes;
  throw new SettingsError(`Setting "${name}" is "${text}", but must be a number of bytes above 0.`);
}

function splitList(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
