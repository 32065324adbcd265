import type { ApiOperation, Method } from "./operation-record.ts";

export interface RouteMatch {
  readonly operation: ApiOperation;
  readonly params: ReadonlyMap<string, string>;
}

export type Routing =
  | ({ readonly found: "operation" } & RouteMatch)
  /** The path is known, the method is not. */
  | { readonly found: "path"; readonly allowed: readonly Method[] }
  | { readonly found: "nothing" };

interface Route {
  readonly operation: ApiOperation;
  readonly segments: readonly string[];
}

/** Finds the operation of a request; paths compare segment by segment without regard to case. */
export function createRouter(
  operations: readonly ApiOperation[],
): (method: string, segments: readonly string[]) => Routing {
  const bySegmentCount = new Map<number, Route[]>();
  const ofAnyResource: Route[] = [];
  for (const operation of operations) {
    for (const path of [operation.path, ...(operation.aliases ?? [])]) {
      const route = { operation, segments: path.split("/").filter(Boolean) };
      if (route.segments[0]?.startsWith("{*") === true) ofAnyResource.push(route);
      else
        bySegmentCount.set(route.segments.length, [
          ...(bySegmentCount.get(route.segments.length) ?? []),
          route,
        ]);
    }
  }
  return (method, segments) => {
    const exact = matchesOf(bySegmentCount.get(segments.length) ?? [], segments);
    const matches =
      exact.length > 0 ? exact : ofAnyResource.flatMap((route) => matchSuffix(route, segments));
    const match = matches.find(({ operation }) => operation.method === method.toUpperCase());
    if (match !== undefined) return { found: "operation", ...match };
    return matches.length === 0
      ? { found: "nothing" }
      : { found: "path", allowed: matches.map(({ operation }) => operation.method) };
  };
}

const matchesOf = (routes: readonly Route[], segments: readonly string[]): RouteMatch[] =>
  routes.flatMap(({ operation, segments: template }) => {
    const params = matchSegments(template, segments);
    return params === undefined ? [] : [{ operation, params }];
  });

function matchSegments(
  template: readonly string[],
  segments: readonly string[],
): ReadonlyMap<string, string> | undefined {
  const params = new Map<string, string>();
  for (const [index, expected] of template.entries()) {
    const actual = segments[index] ?? "";
    if (expected.startsWith("{")) params.set(expected.slice(1, -1), actual);
    else if (expected.toLowerCase() !== actual.toLowerCase()) return undefined;
  }
  return params;
}

/** `{*resourceId}/providers/…`: the resource takes all segments before the fixed end. */
function matchSuffix(route: Route, segments: readonly string[]): RouteMatch[] {
  const [place = "", ...suffix] = route.segments;
  const cut = segments.length - suffix.length;
  if (cut < 1) return [];
  const params = matchSegments(suffix, segments.slice(cut));
  if (params === undefined) return [];
  const resourceId = `/${segments.slice(0, cut).join("/")}`;
  return [
    {
      operation: route.operation,
      params: new Map([...params, [place.slice(2, -1), resourceId]]),
    },
  ];
}
