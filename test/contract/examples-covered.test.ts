import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const here = path.join(import.meta.dirname, "arm-examples");
const root = path.resolve(import.meta.dirname, "..");
/** Lies beside the repository where it is developed, not beside a user's clone. */
const originals = path.resolve(root, "../../shared/arm-examples");
const names = (folder: string): string[] => readdirSync(folder).toSorted();

test("every recorded and specified exchange is named by a test", () => {
  const sources = globSync("**/*.test.ts", { cwd: root })
    .filter((file) => !file.endsWith("examples-covered.test.ts"))
    .map((file) => readFileSync(path.join(root, file), "utf8"));
  const examples = names(here).map((file) => path.basename(file, ".json"));
  expect(examples.length).toBeGreaterThan(30);
  const isNamed = (example: string) => sources.some((source) => source.includes(`"${example}"`));
  expect(examples.filter((example) => !isNamed(example))).toEqual([]);
});

test("the examples are copies of the originals beside the repository", ({ skip }) => {
  if (!existsSync(originals)) skip("shared/arm-examples is not beside this clone");
  expect(names(here)).toEqual(names(originals));
  for (const name of names(here)) {
    const [copy, original] = [here, originals].map((folder) =>
      readFileSync(path.join(folder, name), "utf8"),
    );
    expect(JSON.parse(copy!), name).toEqual(JSON.parse(original!));
  }
});
