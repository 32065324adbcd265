import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { Agent, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SecretClientOptions } from "@azure/keyvault-secrets";
import { answerKey, createKey, type StoredKey } from "./key-vault-keys.ts";
import { refuse } from "./key-vault-refusal.ts";

export interface StoredSecret {
  readonly value: string;
  readonly enabled?: boolean;
  readonly expiresAt?: string;
  readonly notBeforeAt?: string;
}

/** Answers a request in place of the vault; undefined: the vault answers as usual. */
export type Misbehaviour = (response: ServerResponse, path: string) => "answered" | undefined;

/**
 * A vault as Key Vault speaks over TLS: challenge, bearer token, versions (the last added is the
 * latest), disabled secrets. The real SDK talks to it under its real name.
 */
export interface KeyVaultStandIn {
  /** Of the secret `name`, optionally of its version `index + 1`. */
  uri(name: string, version?: number): string;
  readonly secrets: Map<string, StoredSecret[]>;
  /** Of the key `name`, optionally of its version `index + 1`. */
  keyId(name: string, version?: number): string;
  /** Makes a key, or rotates it where there is one. */
  addKey(name: string, changes?: Partial<StoredKey>): void;
  readonly keys: Map<string, StoredKey[]>;
  /** Requests that carried a token, and tokens seen. */
  readonly seen: string[];
  misbehave?: Misbehaviour | undefined;
  readonly clientOptions: SecretClientOptions;
  stop(): Promise<void>;
}

export async function startKeyVault(): Promise<KeyVaultStandIn> {
  const { key, cert } = await selfSigned("*.vault.azure.net");
  const secrets = new Map<string, StoredSecret[]>();
  const keys = new Map<string, StoredKey[]>();
  const seen: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const path = new URL(request.url ?? "", "https://x").pathname;
    if (standIn.misbehave?.(response, path) === "answered") return;
    const token = request.headers.authorization;
    if (token === undefined) return challenge(response);
    seen.push(`${token} ${path}`);
    if (token !== "Bearer good") return refuse(response, 401, "Unauthorized");
    if (path.startsWith("/keys/")) void answerKey(request, response, path, keys);
    else answerSecret(response, path, secrets);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({
    ca: cert,
    lookup: (_host, options, found) => {
      if (options.all === true) found(null, [{ address: "127.0.0.1", family: 4 }]);
      else found(null, "127.0.0.1", 4);
    },
  });
  const idIn = (collection: string, name: string, version?: number): string =>
    `https://main.vault.azure.net:${port}/${collection}/${name}${version === undefined ? "" : `/v${version}`}`;
  const standIn: KeyVaultStandIn = {
    uri: (name, version) => idIn("secrets", name, version),
    secrets,
    keyId: (name, version) => idIn("keys", name, version),
    addKey: (name, changes) => {
      keys.set(name, [...(keys.get(name) ?? []), createKey(changes)]);
    },
    keys,
    seen,
    clientOptions: { additionalPolicies: [{ position: "perRetry", policy: throughAgent(agent) }] },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

const throughAgent = (agent: Agent) => ({
  name: "toTheStandIn",
  sendRequest<Request extends { agent?: unknown }, Response>(
    request: Request,
    next: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    request.agent = agent;
    return next(request);
  },
});

function challenge(response: ServerResponse): void {
  const authority = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555";
  refuse(response, 401, "Unauthorized", undefined, {
    "www-authenticate": `Bearer authorization="${authority}", resource="https://vault.azure.net"`,
  });
}

function answerSecret(
  response: ServerResponse,
  path: string,
  secrets: ReadonlyMap<string, readonly StoredSecret[]>,
): void {
  const [, , name = "", version = ""] = path.split("/");
  const versions = secrets.get(name) ?? [];
  const secret = version === "" ? versions.at(-1) : versions[Number(version.slice(1)) - 1];
  if (secret === undefined) {
    refuse(response, 404, "SecretNotFound");
  } else if (secret.enabled === false) {
    refuse(response, 403, "Forbidden", "SecretDisabled");
  } else {
    const seconds = (at: string | undefined) => at && Date.parse(at) / 1000;
    const attributes = {
      enabled: true,
      exp: seconds(secret.expiresAt),
      nbf: seconds(secret.notBeforeAt),
    };
    const id = `https://main.vault.azure.net${path}`;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ value: secret.value, id, attributes }));
  }
}

/** A certificate for a day, made by openssl: Node signs none itself. */
async function selfSigned(name: string): Promise<{ key: string; cert: string }> {
  const dir = await mkdtemp(join(tmpdir(), "key-vault-"));
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  try {
    const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const out = ["-keyout", key, "-out", cert, "-days", "1"];
    await promisify(execFile)("openssl", ["req", "-x509", ...curve, ...subject, ...out]);
    return { key: await readFile(key, "utf8"), cert: await readFile(cert, "utf8") };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
