import { readFile, stat } from "node:fs/promises";
import { FaultError, fault } from "../../domain/fault.ts";
import type { SecretStore } from "../../ports/secret-store.ts";
import { parseSecretUri } from "./secret-uri.ts";

/** Host of the URIs that address local secrets (design.md §2). */
export const localSecretHost = "pgvault.localhost";

export interface SecretsFileOptions {
  /** `<state>/secrets.json`: `{"<name>": "<connection string>"}`. */
  readonly path: string;
  /** Called at every read while others than the owner may read the file. */
  readonly onWarning?: (message: string) => void;
}

/** Local secrets, read afresh at each use: what is edited counts at once. */
export function createSecretsFile(options: SecretsFileOptions): SecretStore {
  return {
    async read(uri) {
      const { host, name } = parseSecretUri(uri);
      if (host !== localSecretHost) throw storeFault(uri, "it is not a local secret.");
      const secrets = await readSecrets(options, uri);
      // An own member: `constructor` is nobody's secret.
      const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
      if (typeof value === "string") return value;
      throw new FaultError(
        fault(
          "UserErrorInvalidSecret",
          { secret: uri },
          {
            recommendedAction: [`Add "${name}" to ${options.path}.`],
          },
        ),
      );
    },
  };
}

async function readSecrets(
  { path, onWarning }: SecretsFileOptions,
  uri: string,
): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
    const { mode } = await stat(path);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      onWarning?.(`${path} can be read by others than its owner: chmod 600 it.`);
    }
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unreadable";
    throw storeFault(uri, `${path} cannot be read (${reason}).`, cause);
  }
  try {
    const secrets: unknown = JSON.parse(text);
    if (typeof secrets === "object" && secrets !== null && !Array.isArray(secrets)) {
      return { ...secrets };
    }
  } catch {
    // Told below; a JSON parser's message would repeat a piece of the file.
  }
  throw storeFault(uri, `${path} is not a JSON object of names and connection strings.`);
}

const storeFault = (secret: string, detail: string, cause?: unknown): FaultError =>
  new FaultError(fault("UserErrorInvalidSecretStore", { secret, detail }), { cause });
