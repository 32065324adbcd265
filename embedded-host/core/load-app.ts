import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Runs every file that `main` in the app's package.json matches (it is a glob), in path order.
 * The first failing file fails the whole app, as on Node >= 20 in Azure.
 */
export async function loadApp(appDirectory: string): Promise<readonly string[]> {
  const manifestPath = join(appDirectory, "package.json");
  const { main, type } = await readManifest(manifestPath);
  const files = globSync(main, { cwd: appDirectory }).toSorted();
  if (files.length === 0) {
    throw new Error(
      `"main" in ${manifestPath} is "${main}" and matches no file. Build the app, or correct the glob.`,
    );
  }
  for (const file of files) {
    await loadEntryFile(resolve(appDirectory, file), file, type === "module");
  }
  return files;
}

async function readManifest(path: string): Promise<{ main: string; type: string }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new Error(`Cannot read ${path}: a Functions app needs a package.json with "main".`, {
      cause,
    });
  }
  const { main, type } = parseManifest(text, path);
  if (typeof main !== "string" || main === "") {
    throw new Error(
      `${path} has no "main". Set it to the entry file, or to a glob of entry files.`,
    );
  }
  return { main, type: typeof type === "string" ? type : "commonjs" };
}

function parseManifest(text: string, path: string): { main?: unknown; type?: unknown } {
  try {
    const manifest: unknown = JSON.parse(text);
    return typeof manifest === "object" && manifest !== null ? manifest : {};
  } catch (cause) {
    throw new Error(`${path} is not valid JSON: ${messageOf(cause)}`, { cause });
  }
}

async function loadEntryFile(path: string, shown: string, isModulePackage: boolean): Promise<void> {
  const isModule = path.endsWith(".mjs") || (isModulePackage && !path.endsWith(".cjs"));
  try {
    if (isModule) await import(pathToFileURL(path).href);
    else createRequire(path)(path);
  } catch (cause) {
    throw new Error(`The app's entry file "${shown}" failed to load: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
