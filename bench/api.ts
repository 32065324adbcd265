import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiVersion, createArmClient } from "../scripts/demo/arm-client.ts";
import { runPgvault } from "../scripts/start/run-pgvault.ts";
import { jobCosts } from "./api-jobs.ts";
import { connections, type Load, load, loadOverHttp } from "./api-load.ts";
import { createStand, vaultPath } from "./api-stand.ts";

const historySizes = [1_000, 100_000] as const;
const vaultBody = {
  location: "westeurope",
  properties: { storageSettings: [{ datastoreType: "VaultStore", type: "LocallyRedundant" }] },
};

/**
 * GET of a vault from the app as `npm start` runs it (embedded host, Azurite), and from the API
 * alone; then what jobs cost to read as their history grows, counted and timed over the in-memory
 * adapter, whose index is ordered as Azure's is (Azurite scans its tables).
 */
export async function run(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  console.log(`${`GET vault, ${connections} callers`.padEnd(28)}  requests/s  p50 ms  p99 ms`);
  const stand = await createStand();
  const alone = await load(() => stand.get(vaultPath));
  printLoad("API alone, storage in memory", alone);
  const app = await loadApp();
  printLoad("app on its host, Azurite", app);
  figures["get_vault_rps"] = app.requestsPerSecond;
  figures["get_vault_p99_ms"] = rounded(app.p99Ms);
  figures["get_vault_api_alone_rps"] = alone.requestsPerSecond;
  console.log("\nread        jobs in vault  requests  entities  ms (median of 200)");
  for (const { total, read, requests, entities, ms } of await jobCosts(historySizes)) {
    const cells = [
      read.padEnd(10),
      String(total).padStart(13),
      String(requests).padStart(8),
      String(entities).padStart(8),
      ms.toFixed(2).padStart(6),
    ];
    console.log(cells.join("  "));
    const name = read === "one job" ? "one_job" : `jobs_${read.replace(" ", "_")}`;
    figures[`${name}_requests_at_${total}`] = requests;
    figures[`${name}_entities_at_${total}`] = entities;
    figures[`${name}_ms_at_${total}`] = rounded(ms);
  }
  return figures;
}

async function loadApp(): Promise<Load> {
  const stateDir = await mkdtemp(join(tmpdir(), "pgvault-bench-"));
  try {
    const app = await runPgvault({ stateDir, port: 0, onLog: () => {} });
    try {
      const { baseUrl, tokens } = app;
      const client = createArmClient({ baseUrl, token: tokens.contributor });
      await client.complete("PUT", vaultPath, vaultBody);
      return await loadOverHttp(
        `${baseUrl}${vaultPath}?api-version=${apiVersion}`,
        tokens.contributor,
      );
    } finally {
      await app.stop();
    }
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

function printLoad(name: string, { requestsPerSecond, p50Ms, p99Ms }: Load): void {
  const cells = [String(requestsPerSecond).padStart(10), p50Ms.toFixed(2), p99Ms.toFixed(2)];
  console.log(`${name.padEnd(28)}  ${cells.map((cell) => cell.padStart(6)).join("  ")}`);
}

const rounded = (ms: number): number => Number(ms.toFixed(2));
