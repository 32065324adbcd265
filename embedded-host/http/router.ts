import type { RegisteredFunction } from "../core/worker-port.ts";
import { describeError, SettingsError } from "../json-file.ts";
import type { RouteTemplate } from "./route-template.ts";
import { parseRouteTemplate } from "./route-template.ts";

/** Paths of the host itself. */
const RESERVED = ["admin", "runtime"];
const DEFAULT_METHODS = ["GET", "POST"];

export interface Route {
  readonly fn: RegisteredFunction;
  readonly template: RouteTemplate;
  /** Upper case. */
  readonly methods: readonly string[];
}

export interface RouteMatch {
  readonly fn: RegisteredFunction;
  readonly params: Readonly<Record<string, string>>;
}

export interface Router {
  readonly routes: readonly Route[];
  /** `path` is percent-encoded. A route with another method does not match: 404, never 405. */
  match(method: string, path: string): RouteMatch | undefined;
}

/**
 * Routes of all HTTP functions, ordered by function name: the first that fits wins, however
 * specific others are. Throws for a route that cannot be read or that belongs to the host.
 */
export function createRouter(
  functions: readonly RegisteredFunction[],
  routePrefix: string,
  resolve: (text: string, where: string) => string,
): Router {
  const routes = functions
    .filter(({ trigger }) => trigger.type.toLowerCase() === "httptrigger")
    .toSorted((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1))
    .map((fn) => createRoute(fn, routePrefix, resolve));
  return {
    routes,
    match(method, path) {
      const segments = decodeSegments(path);
      for (const { fn, template, methods } of routes) {
        if (!methods.includes(method)) continue;
        const params = template.match(segments);
        if (params !== undefined) return { fn, params };
      }
      return undefined;
    },
  };
}

function createRoute(
  fn: RegisteredFunction,
  routePrefix: string,
  resolve: (text: string, where: string) => string,
): Route {
  const { route = fn.name, methods } = fn.trigger;
  const where = `route of function "${fn.name}"`;
  if (typeof route !== "string") throw new SettingsError(`The ${where} must be a string.`);
  const relative = resolve(route === "" ? fn.name : route, where).replace(/^\/+/, "");
  const full = [routePrefix, relative].filter((part) => part !== "").join("/");
  const [firstSegment = ""] = full.toLowerCase().split("/");
  if (RESERVED.includes(firstSegment)) {
    throw new SettingsError(
      `The ${where} is "/${full}", but paths below /${firstSegment} belong to the host.`,
    );
  }
  try {
    return { fn, template: parseRouteTemplate(full), methods: readMethods(methods) };
  } catch (cause) {
    throw new SettingsError(`The ${where} is wrong. ${describeError(cause)}`, { cause });
  }
}

function readMethods(methods: unknown): readonly string[] {
  if (!Array.isArray(methods) || methods.length === 0) return DEFAULT_METHODS;
  return methods.map((method) => String(method).toUpperCase());
}

/** `%2F` stays encoded, as in ASP.NET: a decoded slash would look like another segment. */
function decodeSegments(path: string): readonly string[] {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? [] : trimmed.split("/").map(decodeSegment);
}

function decodeSegment(segment: string): string {
  return segment
    .split(/(%2f)/i)
    .map((piece) => (/^%2f$/i.test(piece) ? piece : decodePiece(piece)))
    .join("");
}

function decodePiece(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
