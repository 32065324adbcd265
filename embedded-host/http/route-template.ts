import type { Constraint } from "./route-constraints.ts";
import { parseConstraint } from "./route-constraints.ts";

class RouteError extends Error {
  override readonly name = "RouteError";
}

type Part =
  | { readonly kind: "literal"; readonly text: string }
  | {
      readonly kind: "parameter";
      readonly name: string;
      readonly isOptional: boolean;
      readonly isCatchAll: boolean;
      readonly defaultValue: string | undefined;
      readonly constraints: readonly Constraint[];
    };

type Parameter = Extract<Part, { kind: "parameter" }>;
type Segment = readonly Part[];

export interface RouteTemplate {
  readonly text: string;
  /** Parameter values if the segments (percent-decoded) fit; absent optional ones are left out. */
  match(segments: readonly string[]): Record<string, string> | undefined;
}

/** An ASP.NET route template: `items/{id:int}/{part?}`, `files/{name}.{ext}`, `{*rest}`, `{a=1}`. */
export function parseRouteTemplate(text: string): RouteTemplate {
  const segments = splitSegments(text).map((segment) => parseSegment(segment, text));
  segments.forEach((segment, index) => checkSegment(segment, index === segments.length - 1, text));
  const names = segments.flat().flatMap((part) => (part.kind === "parameter" ? [part.name] : []));
  const repeated = names.find(
    (name, index) => names.findIndex((other) => sameText(other, name)) < index,
  );
  if (repeated !== undefined) {
    throw new RouteError(`Route "${text}" has two parameters named "${repeated}".`);
  }
  const matchers = segments.map(createSegmentMatcher);
  return { text, match: (path) => matchPath(matchers, path) };
}

/** Slashes inside braces belong to constraints such as `regex(^a/b$)`. */
function splitSegments(text: string): readonly string[] {
  const segments = [""];
  let depth = 0;
  for (const character of text.replace(/^\/+|\/+$/g, "")) {
    if (character === "{") depth++;
    if (character === "}") depth--;
    if (character === "/" && depth === 0) segments.push("");
    else segments[segments.length - 1] += character;
  }
  if (depth !== 0) throw new RouteError(`Route "${text}" has unbalanced braces.`);
  return segments.length === 1 && segments[0] === "" ? [] : segments;
}

function parseSegment(segment: string, text: string): Segment {
  if (segment === "") throw new RouteError(`Route "${text}" has an empty segment.`);
  const parts: Part[] = [];
  let rest = segment;
  while (rest !== "") {
    const open = rest.indexOf("{");
    if (open !== 0) {
      const literal = open < 0 ? rest : rest.slice(0, open);
      parts.push({ kind: "literal", text: literal });
      rest = rest.slice(literal.length);
      continue;
    }
    const end = closingBrace(rest);
    parts.push(parseParameter(rest.slice(1, end), text));
    rest = rest.slice(end + 1);
  }
  return parts;
}

function closingBrace(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "{") depth++;
    if (text[index] === "}" && --depth === 0) return index;
  }
  return text.length;
}

function parseParameter(inside: string, text: string): Parameter {
  // In `regex(...)` literal braces are written twice.
  const groups = /^(?<stars>\*{0,2})(?<name>[\w-]+)(?<rest>.*)$/s.exec(inside)?.groups;
  if (groups === undefined) {
    throw new RouteError(`Route "${text}": "{${inside}}" is not a parameter such as {id}.`);
  }
  const { stars = "", name = "", rest = "" } = groups;
  const { constraintTexts, tail } = splitConstraints(rest);
  return {
    kind: "parameter",
    name,
    isCatchAll: stars !== "",
    isOptional: tail === "?",
    defaultValue: tail.startsWith("=") ? tail.slice(1) : undefined,
    constraints: constraintTexts.map((constraint) => parseConstraint(constraint, text)),
  };
}

/** `:int:min(1)?` or `:alpha=abc`; a mark inside parentheses belongs to the constraint. */
function splitConstraints(rest: string): { constraintTexts: readonly string[]; tail: string } {
  const constraintTexts: string[] = [];
  let remaining = rest;
  while (remaining.startsWith(":")) {
    const match = /^:(?:\w+\(.*?\)(?=[:=?]|$)|[^:=?(]+)/s.exec(remaining)?.[0];
    if (match === undefined) break;
    constraintTexts.push(match.slice(1));
    remaining = remaining.slice(match.length);
  }
  return { constraintTexts, tail: remaining };
}

function checkSegment(segment: Segment, isLast: boolean, text: string): void {
  for (const part of segment) {
    if (part.kind === "literal") continue;
    if (part.isCatchAll && (!isLast || segment.length > 1)) {
      throw new RouteError(`Route "${text}": {*${part.name}} must be the last segment.`);
    }
    if (part.isOptional && part.defaultValue !== undefined) {
      throw new RouteError(`Route "${text}": {${part.name}} is optional and has a default.`);
    }
  }
}

interface SegmentMatcher {
  readonly isCatchAll: boolean;
  /** Values when the path ends before this segment; undefined if it must be there. */
  readonly whenAbsent: Record<string, string> | undefined;
  match(value: string): Record<string, string> | undefined;
}

function createSegmentMatcher(segment: Segment): SegmentMatcher {
  const [first] = segment;
  const single = segment.length === 1 && first?.kind === "parameter" ? first : undefined;
  // Greedy from the left, as ASP.NET: "a.b.c" against {name}.{ext} gives "a.b" and "c".
  const pattern = segment
    .map((part) => (part.kind === "literal" ? escapeExpression(part.text) : "(.+)"))
    .join("");
  const expression = new RegExp(`^${single?.isCatchAll === true ? "(.*)" : pattern}$`, "is");
  const parameters = segment.filter((part) => part.kind === "parameter");
  return {
    isCatchAll: single?.isCatchAll === true,
    whenAbsent: single === undefined ? undefined : valuesWhenAbsent(single),
    match(value) {
      const found = expression.exec(value);
      if (found === null) return undefined;
      const values = parameters.map(
        (parameter, index) => [parameter, found[index + 1] ?? ""] as const,
      );
      const fits = values.every(([{ constraints }, text]) =>
        constraints.every((constraint) => constraint(text)),
      );
      return fits ? Object.fromEntries(values.map(([{ name }, text]) => [name, text])) : undefined;
    },
  };
}

function valuesWhenAbsent(parameter: Parameter): Record<string, string> | undefined {
  if (parameter.defaultValue !== undefined) return { [parameter.name]: parameter.defaultValue };
  return parameter.isOptional || parameter.isCatchAll ? {} : undefined;
}

function matchPath(
  matchers: readonly SegmentMatcher[],
  path: readonly string[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, matcher] of matchers.entries()) {
    const value = matcher.isCatchAll ? path.slice(index).join("/") : path[index];
    const found =
      value === undefined || (value === "" && index >= path.length)
        ? matcher.whenAbsent
        : matcher.match(value);
    if (found === undefined) return undefined;
    Object.assign(values, found);
    if (matcher.isCatchAll) return values;
  }
  return path.length <= matchers.length ? values : undefined;
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
