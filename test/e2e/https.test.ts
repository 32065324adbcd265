import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
  tlsPolicy,
} from "@azure/core-rest-pipeline";
import { expect, test } from "vitest";
import type { Tokens } from "../../scripts/start/local-state.ts";
import { createAzureBackup } from "../../src/adapters/azure-backup/client.ts";
import { tokens as testTokens, vault, vaultBody } from "../triggers/http/test-api.ts";

const startScript = fileURLToPath(new URL("../../scripts/start.ts", import.meta.url));
const { PGVAULT_STORAGE: _, ...environment } = process.env;

interface Place {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

test("npm start -- --https serves whoever trusts its certificate, Azure's clients included", async () => {
  await withHttpsPgvault(async ({ url, ca, token }) => {
    expect(url).toMatch(/^https:/);
    expect(await statusOf(`${url}/healthz`, ca)).toBe(200);
    await expect(statusOf(`${url}/healthz`)).rejects.toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });

    // The policy of the Azure SDKs refuses to send a token to anything but https.
    expect(await azureStatus(url, ca, token)).toBe(200);
    expect(await azureStatus(url, ca, testTokens.contributor)).toBe(401);
    await expect(azureStatus(url.replace("https:", "http:"), ca, token)).rejects.toThrow(
      /not permitted for non-TLS protected/,
    );

    const azure = createAzureBackup({
      endpoint: url,
      subscriptionId: vault.subscriptionId,
      token: async () => token,
      certificateAuthority: ca,
    });
    const quick = { updateIntervalInMs: 50 };
    // Follows links that the app made: they must be https too.
    await azure.backupVaults.createOrUpdate("rg", "vault1", { ...vaultBody }, quick);
    const names: (string | undefined)[] = [];
    for await (const one of azure.backupVaults.listInResourceGroup("rg")) names.push(one.name);
    expect(names).toEqual(["vault1"]);
  });
});

async function withHttpsPgvault(use: (place: Place) => Promise<void>): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "pgvault-https-"));
  const child = spawn(
    process.execPath,
    [startScript, "--https", "--port", "0", "--state", stateDir],
    { env: environment, stdio: ["ignore", "pipe", "pipe"] },
  );
  const exited = once(child, "exit");
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  try {
    const said: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      said.push(line);
      if (said.length === 2) break;
    }
    if (said.length < 2) throw new Error(`pgvault said '${said.join()}' and ended:\n${log}`);
    const url = /^pgvault ready on (\S+)$/.exec(said[0] ?? "")?.[1] ?? "";
    const certPath = /NODE_EXTRA_CA_CERTS=(\S+)$/.exec(said[1] ?? "")?.[1] ?? "";
    const tokens = JSON.parse(await readFile(join(stateDir, "tokens.json"), "utf8")) as Tokens;
    await use({ url, ca: await readFile(certPath, "utf8"), token: tokens.contributor });
  } finally {
    child.kill("SIGTERM");
    await exited;
    await rm(stateDir, { recursive: true, force: true });
  }
}

function statusOf(url: string, ca?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, ca === undefined ? {} : { ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

/** One request through the pipeline that all Azure SDKs for JavaScript are built on. */
async function azureStatus(url: string, ca: string, token: string): Promise<number> {
  const pipeline = createEmptyPipeline();
  const getToken = async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 });
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential: { getToken }, scopes: [`${url}/.default`] }),
  );
  pipeline.addPolicy(tlsPolicy({ ca }));
  const request = createPipelineRequest({
    url: `${url}/subscriptions/${vault.subscriptionId}/providers/Microsoft.DataProtection/backupVaults?api-version=2025-07-01`,
    allowInsecureConnection: true,
  });
  return (await pipeline.sendRequest(createDefaultHttpClient(), request)).status;
}
