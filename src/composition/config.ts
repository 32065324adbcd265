import path from "node:path";
import { z } from "zod";
import { parseVaultUri } from "../adapters/key-vault/vault-uri.ts";
import { keyFileName } from "../adapters/secrets/key-files.ts";

/**
 * The only reader of the environment. Every setting, its default and its meaning; docs/settings.md
 * and local.settings.sample.json list the same ones (a test compares them).
 */
const settingsSchema = z.object({
  /** Connection string of the storage account, or URL of its blob service (managed identity). */
  PGVAULT_STORAGE: z.string().min(1),
  /** URL of the table service; derived from the blob service's URL when absent. */
  PGVAULT_TABLES: z.url().optional(),
  /** Container that holds the vaults. */
  PGVAULT_CONTAINER: z
    .string()
    .regex(/^[a-z0-9](?:-?[a-z0-9]){2,62}$/, "must be a valid container name")
    .default("pgvault"),
  /** `entra`: Microsoft Entra tokens. `local`: tokens.json, refused in Azure. */
  PGVAULT_AUTH: z.enum(["entra", "local"]).default("entra"),
  /** State folder with tokens.json and secrets.json; for `local`. */
  PGVAULT_STATE: z.string().min(1).optional(),
  PGVAULT_ENTRA_TENANT: z.string().min(1).optional(),
  /** Accepted audiences, comma separated: client id or App ID URI. */
  PGVAULT_ENTRA_AUDIENCE: z.string().min(1).optional(),
  /** Authority, for sovereign clouds. */
  PGVAULT_ENTRA_AUTHORITY: z.url().default("https://login.microsoftonline.com"),
  /** Scope over which app roles are granted: `/`, a subscription, resource group or vault id. */
  PGVAULT_ENTRA_SCOPE: z.string().startsWith("/").default("/"),
  /** Role name in PostgreSQL for instances without a secret (Microsoft Entra login). */
  PGVAULT_ENTRA_DATABASE_ROLE: z.string().min(1).optional(),
  /** Scheme, host and port that clients reach, for poll URLs; the request's own when absent. */
  PGVAULT_PUBLIC_URL: z.url().optional(),
  /** Folders with PostgreSQL client tools, separated as in PATH. */
  PGVAULT_PG_BIN: z.string().optional(),
  /** Parallel connections of one backup or restore. */
  PGVAULT_CONNECTIONS: z.coerce.number().int().min(1).max(32).default(4),
  PGVAULT_COMPRESSION: z.enum(["zstd", "gzip", "none"]).default("zstd"),
  PGVAULT_COMPRESSION_LEVEL: z.coerce.number().int().min(1).max(19).default(1),
  /**
   * Key that wraps each recovery point's own key: `file:<name>` is `<state>/keys/<name>`, a URI is
   * that of a Key Vault key; absent: no client-side encryption.
   */
  PGVAULT_ENCRYPTION_KEY: z.string().min(1).optional(),
  /** Dumps that may run at the same time against one server. */
  PGVAULT_DUMPS_PER_SERVER: z.coerce.number().int().min(1).max(64).default(2),
  /** `Retry-After` of operations, seconds. */
  PGVAULT_RETRY_AFTER: z.coerce.number().int().min(1).max(300).default(1),
  /** After how many seconds without renewal a lease lapses. */
  PGVAULT_LEASE_SECONDS: z.coerce.number().int().min(15).max(60).default(60),
  /** Endpoint of an Event Grid custom topic (CloudEvents 1.0) that is told of events. */
  PGVAULT_EVENT_TOPIC: z.url({ protocol: /^https?$/ }).optional(),
  /** Access key of the topic; pgvault's managed identity when absent. */
  PGVAULT_EVENT_KEY: z.string().min(1).optional(),
  /** For tests: file with milliseconds to add to the clock, or an ISO instant; with `local` only. */
  PGVAULT_CLOCK_FILE: z.string().min(1).optional(),
});

export type Config = Readonly<z.infer<typeof settingsSchema>> & {
  /** Runs on Azure Functions proper. */
  readonly isAzure: boolean;
  /** PATH, where client tools may lie. */
  readonly searchPath: string;
};

/** Name of every setting, for the documentation test. */
export const settingNames = Object.keys(settingsSchema.shape);

/**
 * Reads and checks the environment once. Throws one error that names every wrong setting, its
 * value's problem and what is expected.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = settingsSchema.safeParse(withoutEmpty(environment));
  const problems = parsed.success
    ? contradictions(parsed.data, isAzure(environment))
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) {
    throw new Error(`pgvault cannot start, its settings are wrong:\n  ${problems.join("\n  ")}`);
  }
  return Object.freeze({
    ...parsed.data,
    ...(parsed.data.PGVAULT_STATE === undefined
      ? {}
      : { PGVAULT_STATE: path.resolve(parsed.data.PGVAULT_STATE) }),
    isAzure: isAzure(environment),
    searchPath: environment["PATH"] ?? "",
  });
}

function contradictions(
  settings: z.infer<typeof settingsSchema>,
  inAzure: boolean,
): readonly string[] {
  const problems: string[] = [];
  if (settings.PGVAULT_AUTH === "local" && inAzure)
    problems.push("PGVAULT_AUTH: 'local' is for one machine only; in Azure set it to 'entra'");
  if (settings.PGVAULT_AUTH === "local" && settings.PGVAULT_STATE === undefined)
    problems.push("PGVAULT_STATE: required with PGVAULT_AUTH=local, the folder of tokens.json");
  if (settings.PGVAULT_CLOCK_FILE !== undefined && settings.PGVAULT_AUTH !== "local")
    problems.push("PGVAULT_CLOCK_FILE: for tests only, allowed with PGVAULT_AUTH=local");
  problems.push(...encryptionKeyProblems(settings));
  for (const name of ["PGVAULT_ENTRA_TENANT", "PGVAULT_ENTRA_AUDIENCE"] as const)
    if (settings.PGVAULT_AUTH === "entra" && settings[name] === undefined)
      problems.push(`${name}: required with PGVAULT_AUTH=entra`);
  return problems;
}

function encryptionKeyProblems({
  PGVAULT_ENCRYPTION_KEY: key,
  PGVAULT_STATE: state,
}: z.infer<typeof settingsSchema>): readonly string[] {
  if (key === undefined) return [];
  if (!key.startsWith("file:")) {
    const parsed = parseVaultUri("keys", key);
    return typeof parsed === "string"
      ? [`PGVAULT_ENCRYPTION_KEY: must be 'file:NAME' or the id of a Key Vault key; ${parsed}`]
      : [];
  }
  return [
    ...(keyFileName.test(key.slice("file:".length))
      ? []
      : ["PGVAULT_ENCRYPTION_KEY: must be 'file:NAME', a file in the state folder's keys/"]),
    ...(state === undefined
      ? ["PGVAULT_STATE: required with PGVAULT_ENCRYPTION_KEY=file:NAME, the folder of keys/"]
      : []),
  ];
}

/** Set by the Azure Functions platform, never by the embedded host or Core Tools. */
const isAzure = (environment: NodeJS.ProcessEnv): boolean =>
  environment["WEBSITE_INSTANCE_ID"] !== undefined ||
  environment["WEBSITE_SITE_NAME"] !== undefined ||
  environment["CONTAINER_APP_NAME"] !== undefined;

/** A setting that is present but empty counts as absent, as in Azure's portal. */
const withoutEmpty = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value]],
    ),
  );
