import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readDocument, withErrorList } from "../../scripts/operations-doc.ts";
import { settingNames } from "../../src/composition/config.ts";

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/operations.md lists exactly the error catalogue (mend with `npm run docs`)", async () => {
  const document = await readDocument();
  expect(withErrorList(document)).toBe(document);
});

test("every setting is documented, and stands in the sample of local.settings.json", async () => {
  const documented = [...(await read("docs/settings.md")).matchAll(/^\| `(\w+)`/gm)].map(
    ([, name]) => name,
  );
  const sample = JSON.parse(await read("local.settings.sample.json")) as {
    Values: Record<string, string>;
  };
  expect(new Set(documented)).toEqual(new Set(settingNames));
  expect(documented).toHaveLength(settingNames.length);
  expect(Object.keys(sample.Values)).toEqual(expect.arrayContaining([...settingNames]));
});

test("links between documents lead somewhere", async () => {
  for (const path of ["README.md", "CONTRIBUTING.md", "docs/architecture.md"]) {
    const folder = path.includes("/") ? "docs/" : "";
    const links = [...(await read(path)).matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = ""]) => link);
    for (const link of links.filter((target) => target.endsWith(".md")))
      await expect(read(folder + link), `${path} links to ${link}`).resolves.toBeTruthy();
  }
});
