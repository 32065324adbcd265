import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { withApp } from "../support/app.ts";
import { withCluster } from "../support/postgres-cluster.ts";

const document = new URL("../../docs/walkthrough.md", import.meta.url);

test("docs/walkthrough.md does what it says, block by block, with bash and curl", async () => {
  await withCluster(async (cluster) => {
    await cluster.psql("CREATE DATABASE shop");
    await cluster.psql(
      "CREATE TABLE item AS SELECT g AS id FROM generate_series(1, 1000) g",
      "shop",
    );
    await withApp(async (app) => {
      await app.putSecret("shop", cluster.connectionString("shop"));
      const script = bashBlocks(await readFile(document, "utf8"));
      const { stdout } = await promisify(execFile)("bash", ["-eu", "-c", script], {
        env: {
          ...process.env,
          BASE: app.baseUrl,
          TOKENS: path.join(app.stateDir, "tokens.json"),
        },
      });
      expect(stdout.trim().split("\n").slice(-2)).toEqual([
        "Restore Completed",
        "Backup Completed",
      ]);
      const restored = await cluster.psql("SELECT count(*) FROM item", "shop_restored");
      expect(restored.trim()).toBe("1000");
    });
  });
});

function bashBlocks(markdown: string): string {
  const blocks = [...markdown.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  expect(blocks.length).toBeGreaterThan(7);
  return blocks.join("\n");
}
