import { parseInstant } from "../../domain/instant.ts";
import type { Json } from "../../domain/json.ts";
import { isJsonRecord } from "../canonical.ts";
import type { Comparison, Expression, FunctionName } from "./syntax.ts";

export type Row = Readonly<Record<string, Json | undefined>>;

/** The value of an expression on one row; what is not there is null, as in Kusto. */
export function evaluate(expression: Expression, row: Row): Json {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "datetime":
      return expression.epochMs;
    case "column":
      return memberOf(row, expression.name);
    case "member":
      return memberOf(evaluate(expression.of, row), expression.name);
    case "item":
      return itemOf(evaluate(expression.of, row), evaluate(expression.index, row));
    case "call":
      return call(expression.name, expression.args, row);
    case "and":
      return isTrue(expression.left, row) && isTrue(expression.right, row);
    case "or":
      return isTrue(expression.left, row) || isTrue(expression.right, row);
    case "not":
      return !isTrue(expression.of, row);
    case "compare":
      return compare(expression, row);
    case "in":
      return isIn(expression, row);
  }
}

export const isTrue = (expression: Expression, row: Row): boolean =>
  evaluate(expression, row) === true;

/** Order of two values for `order by` and `<`: numbers and instants by size, texts by code. */
export function order(a: Json, b: Json): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function isIn(expression: Extract<Expression, { kind: "in" }>, row: Row): boolean {
  const { negated, ignoreCase, candidates } = expression;
  const folded = (value: Json): string =>
    ignoreCase ? textOf(value).toLowerCase() : textOf(value);
  const value = folded(evaluate(expression.value, row));
  return candidates.some((candidate) => folded(evaluate(candidate, row)) === value) !== negated;
}

function compare(
  { operator, left, right }: Extract<Expression, { kind: "compare" }>,
  row: Row,
): boolean {
  const [a, b] = [evaluate(left, row), evaluate(right, row)];
  if (left.kind === "datetime" || right.kind === "datetime") return compareInstants(operator, a, b);
  return operator.startsWith("!") && operator !== "!="
    ? !holds(positiveOf(operator), a, b)
    : holds(operator, a, b);
}

const positiveOf = (operator: Comparison): Comparison => {
  if (operator === "!~") return "=~";
  const word = operator.slice(1);
  return word === "contains" || word === "startswith" || word === "endswith" ? word : "has";
};

function holds(operator: Comparison, a: Json, b: Json): boolean {
  const [x, y] = [textOf(a), textOf(b)];
  const [lowerX, lowerY] = [x.toLowerCase(), y.toLowerCase()];
  if (operator === "==") return x === y;
  if (operator === "!=") return x !== y;
  if (operator === "=~") return lowerX === lowerY;
  if (operator === "startswith") return lowerX.startsWith(lowerY);
  if (operator === "endswith") return lowerX.endsWith(lowerY);
  if (operator === "contains") return lowerX.includes(lowerY);
  if (operator === "has") return lowerX.split(/[^\p{L}\p{N}]+/u).includes(lowerY);
  return a !== null && b !== null && ordered(operator, order(a, b));
}

/** A null instant is neither before nor after anything. */
function compareInstants(operator: Comparison, a: Json, b: Json): boolean {
  const [x, y] = [instantOf(a), instantOf(b)];
  if (x === undefined || y === undefined) return operator === "!=";
  if (operator === "==") return x === y;
  return operator === "!=" ? x !== y : ordered(operator, x - y);
}

const ordered = (operator: Comparison, difference: number): boolean =>
  (operator === "<" && difference < 0) ||
  (operator === "<=" && difference <= 0) ||
  (operator === ">" && difference > 0) ||
  (operator === ">=" && difference >= 0);

const instantOf = (value: Json): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" ? parseInstant(value) : undefined;

function call(name: FunctionName, args: readonly Expression[], row: Row): Json {
  const value = (index: number): Json => {
    const argument = args[index];
    return argument === undefined ? null : evaluate(argument, row);
  };
  switch (name) {
    case "case":
      return firstCase(args, row);
    case "iff":
      return value(0) === true ? value(1) : value(2);
    case "tolower":
      return textOf(value(0)).toLowerCase();
    case "toupper":
      return textOf(value(0)).toUpperCase();
    case "tostring":
      return textOf(value(0));
    case "strcat":
      return args.map((argument) => textOf(evaluate(argument, row))).join("");
    case "split":
      return textOf(value(0)).split(textOf(value(1)));
    case "isempty":
      return textOf(value(0)) === "";
    case "isnotempty":
      return textOf(value(0)) !== "";
    case "isnull":
      return value(0) === null;
    case "isnotnull":
      return value(0) !== null;
    case "not":
      return value(0) !== true;
  }
}

/** `case(condition, value, …, otherwise)`. */
function firstCase(args: readonly Expression[], row: Row): Json {
  for (let index = 0; index + 1 < args.length; index += 2) {
    const [condition, value] = [args[index], args[index + 1]];
    if (condition !== undefined && value !== undefined && isTrue(condition, row)) {
      return evaluate(value, row);
    }
  }
  const otherwise = args.at(-1);
  return args.length % 2 === 1 && otherwise !== undefined ? evaluate(otherwise, row) : null;
}

function memberOf(value: unknown, name: string): Json {
  if (!isJsonRecord(value) || !Object.hasOwn(value, name)) return null;
  const record: Readonly<Record<string, unknown>> = value;
  return parseJson(record[name]);
}

function itemOf(value: Json, index: Json): Json {
  if (Array.isArray(value) && typeof index === "number") return parseJson(value.at(index));
  return typeof index === "string" ? memberOf(value, index) : null;
}

/** Rows are JSON by construction; a member of JSON is JSON. */
const parseJson = (value: unknown): Json => (value ?? null) as Json;

const textOf = (value: Json): string =>
  value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
