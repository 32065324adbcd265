import path from "node:path";
import type { TokenCredential } from "@azure/core-auth";
import { createKeyVaultSecretStore } from "../adapters/key-vault/secret-store.ts";
import { createConnectionSource } from "../adapters/secrets/connection-source.ts";
import { createSecretRouter } from "../adapters/secrets/secret-router.ts";
import { createSecretsFile } from "../adapters/secrets/secrets-file.ts";
import { systemClock } from "../adapters/system/clock.ts";
import type { ConnectionSource } from "../ports/secret-store.ts";
import type { Config } from "./config.ts";

/** Key Vault for its own URIs; secrets.json for local ones, where there is a state folder. */
export function createConnections(config: Config, credential: TokenCredential): ConnectionSource {
  const local =
    config.PGVAULT_STATE === undefined
      ? {}
      : { local: createSecretsFile({ path: path.join(config.PGVAULT_STATE, "secrets.json") }) };
  const role = config.PGVAULT_ENTRA_DATABASE_ROLE;
  return createConnectionSource({
    secretStore: createSecretRouter({
      ...local,
      keyVault: createKeyVaultSecretStore({ credential, clock: systemClock }),
    }),
    ...(config.isAzure || role !== undefined
      ? { identity: { credential, ...(role === undefined ? {} : { role }) } }
      : {}),
  });
}
