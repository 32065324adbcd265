import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { inspectLayers, rooms } from "./layers.ts";

const root = path.resolve(import.meta.dirname, "../..");

test("every source file imports only what its room may, and reads no clock where it must not", () => {
  const inspection = inspectLayers(path.join(root, "src"));
  expect(inspection.findings).toEqual([]);
  // A guard that sees nothing is worse than none.
  expect(inspection.filesSeen).toBeGreaterThan(100);
  expect(inspection.roomsSeen).toEqual(expect.arrayContaining(Object.keys(rooms)));
});

test("the guard bites: every sin of the known-bad fixture is reported", () => {
  const fixture = path.join(import.meta.dirname, "fixtures/known-bad/src");
  const { filesSeen, findings } = inspectLayers(fixture);
  expect(filesSeen).toBe(2);
  expect(findings.map(({ file, problem }) => `${file}: ${problem}`)).toEqual([
    "domain/reads-clock.ts: may not import package 'node:fs/promises'",
    "domain/reads-clock.ts: uses \\bDate\\.now\\(",
    "workflows/touches-adapter.ts: may not import from room 'adapters' ('../adapters/blob/thing.ts')",
    "workflows/touches-adapter.ts: uses \\bMath\\.random\\b",
  ]);
});

test("src and embedded-host know nothing of each other", () => {
  const crossing = [
    ...filesOf("src").filter((file) => /from ["'][^"']*embedded-host/.test(textOf(file))),
    ...filesOf("embedded-host").filter((file) => /from ["'][^"']*\/src\//.test(textOf(file))),
  ];
  expect(crossing).toEqual([]);
  expect(filesOf("embedded-host").length).toBeGreaterThan(40);
});

test("no source file grows beyond 250 lines", () => {
  const long = [...filesOf("src"), ...filesOf("embedded-host")]
    .filter((file) => !file.includes("/test/") && !oneList.has(file))
    .map((file) => ({ file, lines: textOf(file).split("\n").length }))
    .filter(({ lines }) => lines > 251);
  expect(long).toEqual([]);
});

/** One list each, better read in one piece. */
const oneList = new Set(["src/domain/error-catalogue.ts"]);

const filesOf = (folder: string): readonly string[] =>
  globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root });

const textOf = (file: string): string => readFileSync(path.join(root, file), "utf8");
