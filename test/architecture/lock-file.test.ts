import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lockFile = path.resolve(import.meta.dirname, "../../package-lock.json");
const { packages } = JSON.parse(readFileSync(lockFile, "utf8")) as {
  packages: Record<string, LockedPackage>;
};

// Where the registry carries one platform only, npm leaves the others out when it writes the lock
// file, and then refuses that very file in a fresh clone: "Missing: … from lock file".
test("the lock file names every optional dependency, of other platforms too", () => {
  const edges = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ place, name })),
  );
  expect(edges.length).toBeGreaterThan(50);
  expect(edges.filter(({ place, name }) => !isLocked(place, name))).toEqual([]);
});

test("the SDK of Azure Backup is optional, and what it needs is there without it", () => {
  const sdk = packages["node_modules/@azure/arm-dataprotection"] as LockedPackage & {
    dependencies: Record<string, string>;
  };
  expect(sdk.optional).toBe(true);
  for (const name of Object.keys(sdk.dependencies)) {
    expect(packages[`node_modules/${name}`], name).toMatchObject({
      version: expect.any(String) as string,
    });
    expect(packages[`node_modules/${name}`]).not.toHaveProperty("optional");
  }
});

/** Node looks in the package's own folder and then in each one above. */
function isLocked(place: string, name: string): boolean {
  if (packages[`${place === "" ? "" : `${place}/`}node_modules/${name}`] !== undefined) return true;
  if (place === "") return false;
  return isLocked(place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/"))), name);
}
