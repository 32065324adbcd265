import { describe, expect, it } from "vitest";
import type { RegisteredFunction } from "../../core/worker-port.ts";
import { parseRouteTemplate } from "../../http/route-template.ts";
import { createRouter } from "../../http/router.ts";

const asIs = (text: string): string => text;

function httpFunction(name: string, route?: string, methods?: string[]): RegisteredFunction {
  const trigger = {
    type: "httpTrigger",
    direction: "in",
    ...(route === undefined ? {} : { route }),
    ...(methods === undefined ? {} : { methods }),
  };
  return { name, bindings: { trigger }, triggerBindingName: "trigger", trigger };
}

describe("a route template", () => {
  const cases: [template: string, path: string, expected: Record<string, string> | undefined][] = [
    ["items", "items", {}],
    ["items", "ITEMS", {}],
    ["items", "items/1", undefined],
    ["items/{id}", "items/7", { id: "7" }],
    ["items/{id}", "items", undefined],
    ["items/{id?}", "items", {}],
    ["items/{id?}", "items/7", { id: "7" }],
    ["items/{id=5}", "items", { id: "5" }],
    ["items/{id:int=5}", "items", { id: "5" }],
    ["items/{id:int?}", "items/x", undefined],
    ["{a}/{b?}/{c?}", "x", { a: "x" }],
    ["{a}/{b?}/{c?}", "x/y/z", { a: "x", b: "y", c: "z" }],
    ["{*rest}", "", {}],
    ["{*rest}", "a/b/c", { rest: "a/b/c" }],
    ["files/{*rest}", "files", {}],
    ["files/{*rest}", "files/a/b.txt", { rest: "a/b.txt" }],
    ["files/{**rest}", "files/a", { rest: "a" }],
    ["files/{name}.{ext}", "files/a.b.txt", { name: "a.b", ext: "txt" }],
    ["files/{name}.{ext}", "files/a", undefined],
    ["v{version}/x", "v12/x", { version: "12" }],
    ["a/{id:int}", "a/-3", { id: "-3" }],
    ["a/{id:int}", "a/2147483648", undefined],
    ["a/{id:int:min(3)}", "a/2", undefined],
    ["a/{id:int:min(3)}", "a/3", { id: "3" }],
    [
      "a/{id:guid}",
      "a/9f3c1f6e-0b1e-4a8e-9a59-0c9d3c1b2a11",
      { id: "9f3c1f6e-0b1e-4a8e-9a59-0c9d3c1b2a11" },
    ],
    ["a/{id:guid}", "a/nope", undefined],
    ["a/{w:alpha}", "a/Bc", { w: "Bc" }],
    ["a/{w:alpha}", "a/b1", undefined],
    ["a/{w:bool}", "a/TRUE", { w: "TRUE" }],
    ["a/{w:bool}", "a/1", undefined],
    ["a/{w:length(2,3)}", "a/abcd", undefined],
    ["a/{w:length(2)}", "a/ab", { w: "ab" }],
    ["a/{w:range(1,9)}", "a/10", undefined],
    ["a/{w:regex(^x{{2}}$)}", "a/xx", { w: "xx" }],
    ["a/{w:regex(^x{{2}}$)}", "a/xxx", undefined],
    ["a/{w:regex(^\\d+$)}/b", "a/12/b", { w: "12" }],
    ["a/{w:decimal}", "a/1.5", { w: "1.5" }],
    ["a/{w:datetime}", "a/2026-11-21", { w: "2026-11-21" }],
    ["a.b/{x}", "aXb/1", undefined],
  ];
  it.each(cases)("%s and /%s", (template, path, expected) => {
    const segments = path === "" ? [] : path.split("/");
    expect(parseRouteTemplate(template).match(segments)).toEqual(expected);
  });

  it.each([
    ["a//b", "empty segment"],
    ["a/{b", "unbalanced"],
    ["{*rest}/b", "last segment"],
    ["{a}/{A}", "two parameters"],
    ["{a:nosuch}", "unknown constraint"],
    ["{a:regex([)}", "not a regular expression"],
    ["{}", "not a parameter"],
  ])("%s is refused: %s", (template, message) => {
    expect(() => parseRouteTemplate(template)).toThrow(message);
  });
});

describe("the router", () => {
  it("takes the first function by name that fits, however specific others are", () => {
    const router = createRouter(
      [httpFunction("zeta", "items/special"), httpFunction("Alpha", "items/{id}")],
      "api",
      asIs,
    );
    expect(router.match("GET", "/api/items/special")?.fn.name).toBe("Alpha");
  });

  it("goes on to the next function when the method differs, and finds nothing for an unknown one", () => {
    const router = createRouter(
      [httpFunction("a", "items", ["POST"]), httpFunction("b", "items", ["GET", "delete"])],
      "",
      asIs,
    );
    expect(router.match("GET", "/items")?.fn.name).toBe("b");
    expect(router.match("DELETE", "/items")?.fn.name).toBe("b");
    expect(router.match("PUT", "/items")).toBeUndefined();
  });

  it("uses GET and POST, the function's name and the prefix by default", () => {
    const router = createRouter([httpFunction("Hello")], "api", asIs);
    expect(router.match("POST", "/API/hello/")?.fn.name).toBe("Hello");
    expect(router.match("PUT", "/api/hello")).toBeUndefined();
    expect(router.match("GET", "/hello")).toBeUndefined();
  });

  it("decodes path values, but leaves an encoded slash encoded", () => {
    const router = createRouter([httpFunction("f", "x/{v}")], "", asIs);
    expect(router.match("GET", "/x/a%20b%C3%A9")?.params).toEqual({ v: "a bé" });
    expect(router.match("GET", "/x/a%2Fb")?.params).toEqual({ v: "a%2Fb" });
    expect(router.match("GET", "/x/100%")?.params).toEqual({ v: "100%" });
  });

  it.each(["admin/x", "runtime/y", "ADMIN"])("refuses route %s without a prefix", (route) => {
    expect(() => createRouter([httpFunction("f", route)], "", asIs)).toThrow(/belong to the host/);
    expect(createRouter([httpFunction("f", route)], "api", asIs).routes).toHaveLength(1);
  });

  it("resolves settings in routes and names the function in errors", () => {
    const resolve = (text: string) => text.replace("%ROOT%", "shop");
    const router = createRouter([httpFunction("f", "%ROOT%/{id}")], "", resolve);
    expect(router.match("GET", "/shop/1")?.params).toEqual({ id: "1" });
    expect(() => createRouter([httpFunction("f", "a/{b")], "", asIs)).toThrow(/function "f"/);
  });
});
