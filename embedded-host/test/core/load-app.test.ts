import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadApp } from "../../core/load-app.ts";
import { Registry } from "../../core/registry.ts";

function withApp(files: Record<string, string>, check: (dir: string) => Promise<void>) {
  const dir = mkdtempSync(join(tmpdir(), "host-load-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return check(dir).finally(() => rmSync(dir, { recursive: true }));
}

describe("loading an app", () => {
  it.each<[string, Record<string, string>, string]>([
    ["package.json is missing", {}, 'needs a package.json with "main"'],
    ["package.json is not JSON", { "package.json": "{" }, "is not valid JSON"],
    ["main is missing", { "package.json": "{}" }, 'has no "main"'],
    ["main matches nothing", { "package.json": '{"main":"dist/*.js"}' }, "matches no file"],
    [
      "an entry file throws",
      { "package.json": '{"main":"a.js"}', "a.js": "throw new Error('no luck')" },
      'entry file "a.js" failed to load: no luck',
    ],
    [
      "an entry file requires something absent",
      { "package.json": '{"main":"a.cjs","type":"module"}', "a.cjs": "require('./gone')" },
      'entry file "a.cjs" failed to load: Cannot find module',
    ],
  ])("fails clearly when %s", (_case, files, message) =>
    withApp(files, (dir) => expect(loadApp(dir)).rejects.toThrow(message)),
  );

  it("runs the matches of a brace and star glob in path order", () =>
    withApp(
      {
        "package.json": '{"main":"{b,a*}.js"}',
        "a2.js": "",
        "a1.js": "",
        "b.js": "",
        "c.js": "throw 1",
      },
      async (dir) => expect(await loadApp(dir)).toEqual(["a1.js", "a2.js", "b.js"]),
    ));
});

describe("the registry", () => {
  const metadata = (name: string, types = ["testTrigger"]) => ({
    name,
    bindings: Object.fromEntries(types.map((type, i) => [`b${i}`, { type }])),
  });
  const handler = () => undefined;

  it("refuses a second function of the same name in any casing, until the first is disposed", () => {
    const registry = new Registry();
    const undo = registry.addFunction(metadata("Work"), handler);
    expect(() => registry.addFunction(metadata("work"), handler)).toThrow("registered twice");
    undo();
    registry.addFunction(metadata("work"), handler);
    expect(registry.lock().map((f) => f.name)).toEqual(["work"]);
  });

  it("refuses registrations after startup", () => {
    const registry = new Registry();
    registry.lock();
    expect(() => registry.addFunction(metadata("late"), handler)).toThrow("came too late");
  });

  it.each([[[]], [["aTrigger", "bTrigger"]]])("needs exactly one trigger, not %j", (types) => {
    expect(() => new Registry().addFunction(metadata("odd", types), handler)).toThrow(
      "exactly one is needed",
    );
  });

  it("marks an unknown hook the way the library recognises", () => {
    let thrown: unknown;
    try {
      new Registry().addHook("beforeLunch", handler);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RangeError);
    expect(thrown).toMatchObject({ isAzureFunctionsSystemError: true });
  });
});
