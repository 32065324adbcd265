import { expect } from "vitest";
import type { JsonValue } from "./arm-example.ts";
import type { IntendedDifference } from "./intended-differences.ts";

export interface ExpectedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
}

/**
 * Fails on a difference without a written reason, and at the end on a reason that no comparison
 * needed.
 */
export function createComparison(intended: readonly IntendedDifference[]) {
  const used = new Set<IntendedDifference>();
  const expectSame = (name: string, expected: ExpectedAnswer, actual: ExpectedAnswer): void => {
    const unexplained = differencesOf(expected, actual).filter((path) => {
      const reasons = intended.filter(
        (difference) => difference.example.test(name) && difference.path.test(path),
      );
      for (const reason of reasons) used.add(reason);
      return reasons.length === 0;
    });
    expect(unexplained, `${name}: ${JSON.stringify(actual.body)}`).toEqual([]);
  };
  const expectAllUsed = (): void => {
    const unused = intended.filter((difference) => !used.has(difference));
    expect(unused.map(({ reason }) => reason)).toEqual([]);
  };
  /** Keys and types only: the values of a stale example are no promise. */
  const expectSameShape = (name: string, expected: ExpectedAnswer, actual: ExpectedAnswer): void =>
    expectSame(name, shapeOfAnswer(expected), shapeOfAnswer(actual));
  return { expectSame, expectSameShape, expectAllUsed };
}

const shapeOfAnswer = ({ body, ...answer }: ExpectedAnswer): ExpectedAnswer =>
  body === undefined ? answer : { ...answer, body: shapeOf(body) };

/** The same tree with the name of its type in place of each value. */
function shapeOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shapeOf(item)]));
  }
  return value === null ? "null" : typeof value;
}

/** Paths at which an answer differs from the expected one; values that no two runs share count not. */
function differencesOf(expected: ExpectedAnswer, actual: ExpectedAnswer): string[] {
  const differences: string[] = [];
  if (expected.status !== actual.status) differences.push("status");
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = actual.headers?.[name.toLowerCase()];
    if (found === undefined || neutral(found) !== neutral(value)) {
      differences.push(`headers.${name.toLowerCase()}`);
    }
  }
  if (expected.body === "" || expected.body === undefined) {
    if (actual.body !== undefined) differences.push("body");
  } else {
    compareValue("body", expected.body, actual.body ?? null, differences);
  }
  return differences;
}

function compareValue(
  path: string,
  expected: JsonValue,
  actual: JsonValue,
  differences: string[],
): void {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) differences.push(path);
    else {
      for (const [index, item] of expected.entries()) {
        compareValue(`${path}[${index}]`, item, actual[index] ?? null, differences);
      }
    }
  } else if (isRecord(expected) && isRecord(actual)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const [left, right] = [expected[name], actual[name]];
      if (left === undefined || right === undefined) differences.push(`${path}.${name}`);
      else compareValue(`${path}.${name}`, left, right, differences);
    }
  } else if (neutralValue(expected) !== neutralValue(actual)) {
    differences.push(path);
  }
}

const neutralValue = (value: JsonValue): JsonValue =>
  typeof value === "string" ? neutral(value) : value;

const isRecord = (value: JsonValue): value is Record<string, JsonValue> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Replaces hosts, operation ids, signatures and instants, keeping their form. */
function neutral(text: string): string {
  return text
    .replace(/^https:\/\/[^/]+/, "https://HOST")
    .replaceAll(/[A-Za-z0-9+/]{90,}={1,2}/g, "OPERATION")
    .replace(/<opId>/, "OPERATION")
    .replace(/&t=.*$/, "")
    .replace(/^PT(?:\d+H)?(?:\d+M)?\d+\.\d{7}S$/, "DURATION")
    .replaceAll(/\d{4}-\d{2}-\d{2}T\d{2}(?::|%3A)\d{2}(?::|%3A)\d{2}(?:\.\d{7})?Z/g, (instant) =>
      instant.startsWith("0001") ? instant : `INSTANT${instant.includes(".") ? ".7" : ""}`,
    );
}
