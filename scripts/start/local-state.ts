import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One bearer token for each role. */
export interface Tokens {
  readonly contributor: string;
  readonly operator: string;
  readonly reader: string;
}

const tokenBytes = 32;
const ownerOnly = 0o600;

/** Makes the state folder with new tokens and no secrets, or takes it as it is. */
export async function prepareState(stateDir: string): Promise<Tokens> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await createOnce(join(stateDir, "secrets.json"), {});
  const token = () => randomBytes(tokenBytes).toString("base64url");
  await createOnce(join(stateDir, "tokens.json"), {
    contributor: token(),
    operator: token(),
    reader: token(),
  } satisfies Tokens);
  return readTokens(stateDir);
}

/**
 * Stores one secret, or removes it; the others stay. The app reads the file afresh at each use.
 */
export async function putSecret(
  stateDir: string,
  name: string,
  value: string | undefined,
): Promise<void> {
  const path = join(stateDir, "secrets.json");
  const secrets: unknown = JSON.parse(await readFile(path, "utf8"));
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await writeFile(temporary, presentJson({ ...(secrets as object), [name]: value }), {
    mode: ownerOnly,
  });
  await rename(temporary, path);
}

/** How the contract names a secret of `secrets.json`. */
export const secretUri = (name: string): string => `https://pgvault.localhost/secrets/${name}`;

async function createOnce(path: string, content: object): Promise<void> {
  try {
    await writeFile(path, presentJson(content), { mode: ownerOnly, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

async function readTokens(stateDir: string): Promise<Tokens> {
  const path = join(stateDir, "tokens.json");
  const content = JSON.parse(await readFile(path, "utf8")) as Partial<Tokens>;
  const { contributor, operator, reader } = content;
  if (!contributor || !operator || !reader) {
    throw new Error(`${path} must hold a token for contributor, operator and reader; see README.`);
  }
  return { contributor, operator, reader };
}

const presentJson = (content: object): string => `${JSON.stringify(content, undefined, 2)}\n`;
