import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

export const repositoryRoot = fileURLToPath(new URL("..", import.meta.url));

const entry = join(repositoryRoot, "src/composition/main.ts");
const output = join(repositoryRoot, "dist/main.cjs");
/** A change of any of these makes the bundle stale. */
const inputs = ["src", "package-lock.json", "scripts/build.ts"];

/** Builds the app unless dist/main.cjs is newer than all that it is made of; true if it built. */
export async function buildIfStale(): Promise<boolean> {
  const built = await modifiedAtMs(output);
  const newest = await Promise.all(inputs.map((input) => newestBelow(join(repositoryRoot, input))));
  if (built !== undefined && built >= Math.max(...newest)) return false;
  await buildApp();
  return true;
}

/**
 * Bundles the Functions app into one CommonJS file. It appears at once and whole: a host that
 * starts at the same time finds the old one or the new one.
 */
export async function buildApp(): Promise<void> {
  const startedAt = new Date();
  const temporary = `${output}.${process.pid}.tmp.cjs`;
  try {
    await build({
      entryPoints: [entry],
      outfile: temporary,
      bundle: true,
      platform: "node",
      target: "node24",
      format: "cjs",
      // The map is inline, because two files cannot appear at once.
      sourcemap: "inline",
      sourcesContent: false,
      // The Functions worker provides the first; the second is optional and never used.
      external: ["@azure/functions-core", "pg-native"],
      logLevel: "warning",
    });
    // A source saved while esbuild ran must count as newer.
    await utimes(temporary, startedAt, startedAt);
    await rename(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function newestBelow(path: string): Promise<number> {
  const own = (await modifiedAtMs(path)) ?? 0;
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(names.map((name) => modifiedAtMs(join(path, name))));
  // A folder's own time tells of removed files.
  return times.reduce<number>((newest, time) => Math.max(newest, time ?? 0), own);
}

async function modifiedAtMs(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => undefined,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // esbuild has told the errors already.
  await buildApp().catch(() => (process.exitCode = 1));
}
