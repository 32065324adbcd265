import { defineConfig } from "vitest/config";

/**
 * Projects by cost: `unit` needs nothing but Node and runs in seconds; `conformance` starts Azurite
 * and PostgreSQL; `e2e` runs the built app on the embedded host; `fault` kills things.
 */
const project = (
  name: string,
  include: string[],
  options: { timeoutMs: number; maxWorkers?: number; exclude?: string[] },
) => ({
  test: {
    name,
    include,
    setupFiles: ["test/support/fixed-seed.ts"],
    exclude: ["**/node_modules/**", "**/fixtures/**", ...(options.exclude ?? [])],
    testTimeout: options.timeoutMs,
    hookTimeout: Math.max(60_000, options.timeoutMs),
    ...(options.maxWorkers === undefined ? {} : { maxWorkers: options.maxWorkers }),
  },
});

export default defineConfig({
  test: {
    projects: [
      project(
        "unit",
        [
          "test/{domain,contract,workflows,activities,adapters,triggers,composition,architecture,docs,scripts,support}/**/*.test.ts",
        ],
        { timeoutMs: 20_000 },
      ),
      project("host", ["embedded-host/test/**/*.test.ts"], { timeoutMs: 120_000 }),
      project("conformance", ["test/conformance/**/*.test.ts"], { timeoutMs: 120_000 }),
      project("e2e", ["test/e2e/**/*.test.ts"], { timeoutMs: 300_000, maxWorkers: 2 }),
      project("fault", ["test/fault/**/*.test.ts"], { timeoutMs: 300_000, maxWorkers: 1 }),
    ],
  },
});
