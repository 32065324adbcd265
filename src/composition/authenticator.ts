import { readFileSync } from "node:fs";
import path from "node:path";
import { createEntraAuthenticator } from "../adapters/identity/entra.ts";
import { createLocalAuthenticator, type LocalTokens } from "../adapters/identity/local-tokens.ts";
import type { Authenticator } from "../ports/authenticator.ts";
import type { Config } from "./config.ts";

/** Who may call: Microsoft Entra in Azure, the three local tokens on one machine. */
export function createAuthenticator(config: Config): Authenticator {
  if (config.PGVAULT_AUTH === "local")
    return createLocalAuthenticator(readTokens(config.PGVAULT_STATE ?? "."));
  const { PGVAULT_ENTRA_TENANT: tenantId, PGVAULT_ENTRA_AUDIENCE: audience } = config;
  if (tenantId === undefined || audience === undefined)
    throw new Error("PGVAULT_AUTH=entra needs PGVAULT_ENTRA_TENANT and PGVAULT_ENTRA_AUDIENCE");
  return createEntraAuthenticator({
    tenantId,
    audiences: audience
      .split(",")
      .map((text) => text.trim())
      .filter(Boolean),
    authority: config.PGVAULT_ENTRA_AUTHORITY,
    defaultScope: config.PGVAULT_ENTRA_SCOPE,
  });
}

function readTokens(stateDir: string): LocalTokens {
  const file = path.join(stateDir, "tokens.json");
  // Written by `npm start`; its shape is checked below.
  const tokens = JSON.parse(readFileSync(file, "utf8")) as Partial<LocalTokens>;
  const { contributor, operator, reader } = tokens;
  if (!contributor || !operator || !reader)
    throw new Error(`${file} must hold a token for contributor, operator and reader`);
  return { ...tokens, contributor, operator, reader };
}
