import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { refuse } from "./key-vault-refusal.ts";

/** One version of a key. */
export interface StoredKey {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly type: "RSA" | "RSA-HSM" | "EC";
  readonly operations: readonly string[];
  readonly enabled: boolean;
  readonly expiresAt?: string;
  readonly notBeforeAt?: string;
}

const everyOperation = ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"];

export const createKey = (changes: Partial<StoredKey> = {}): StoredKey => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }),
  type: "RSA",
  operations: everyOperation,
  enabled: true,
  ...changes,
});

/**
 * `GET /keys/<name>/[<version>]` and `POST …/wrapkey`, `…/unwrapkey` as Key Vault answers them: a
 * disabled key may be read and wraps, but does not unwrap; an expired one unwraps.
 */
export async function answerKey(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  keys: ReadonlyMap<string, readonly StoredKey[]>,
): Promise<void> {
  const [, , name = "", version = "", operation] = path.split("/");
  const versions = keys.get(name) ?? [];
  const number = version === "" ? versions.length : Number(version.slice(1));
  const key = versions[number - 1];
  if (key === undefined) return void refuse(response, 404, "KeyNotFound");
  // Key Vault never tells its port.
  const kid = `https://main.vault.azure.net/keys/${name}/v${number}`;
  if (operation === undefined || operation === "") return answer(response, bundleOf(kid, key));
  const body = JSON.parse(await text(request)) as { alg: string; value: string };
  const value = Buffer.from(body.value, "base64url");
  if (body.alg !== "RSA-OAEP-256") return void refuse(response, 400, "BadParameter");
  if (operation === "wrapkey") {
    const wrapped = publicEncrypt({ key: key.publicKey, ...oaep }, value);
    return answer(response, { kid, value: wrapped.toString("base64url") });
  }
  if (!key.enabled) return void refuse(response, 403, "Forbidden", "KeyDisabled");
  try {
    const unwrapped = privateDecrypt({ key: key.privateKey, ...oaep }, value);
    answer(response, { kid, value: unwrapped.toString("base64url") });
  } catch {
    refuse(response, 400, "BadParameter");
  }
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const;

function bundleOf(kid: string, stored: StoredKey): object {
  const seconds = (at: string | undefined) => at && Date.parse(at) / 1000;
  const { n, e } = stored.publicKey.export({ format: "jwk" });
  return {
    key: { kid, kty: stored.type, key_ops: stored.operations, n, e },
    attributes: {
      enabled: stored.enabled,
      exp: seconds(stored.expiresAt),
      nbf: seconds(stored.notBeforeAt),
    },
  };
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
