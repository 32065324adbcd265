import { parseInstant } from "../../domain/instant.ts";
import {
  type Comparison,
  comparisons,
  type Expression,
  type FunctionName,
  functionNames,
} from "./syntax.ts";
import type { TokenReader } from "./token-reader.ts";

/** Deeper expressions are refused, so that no query can exhaust the stack. */
const maxDepth = 40;
const maxArguments = 1000;

/** Precedence from loose to tight: or, and, comparison, path. */
export function createExpressionParser(reader: TokenReader): { read(): Expression } {
  let depth = 0;

  const readOr = (): Expression => {
    depth += 1;
    if (depth > maxDepth) throw reader.refuse(`at most ${maxDepth} levels`);
    let left = readAnd();
    while (reader.takeWord("or")) left = { kind: "or", left, right: readAnd() };
    depth -= 1;
    return left;
  };

  const readAnd = (): Expression => {
    let left = readComparison();
    while (reader.takeWord("and")) left = { kind: "and", left, right: readComparison() };
    return left;
  };

  const readComparison = (): Expression => {
    const left = readPath();
    const membership = takeIn(reader);
    if (membership !== undefined) {
      return { kind: "in", ...membership, value: left, candidates: readArguments() };
    }
    const operator = takeComparison(reader);
    return operator === undefined ? left : { kind: "compare", operator, left, right: readPath() };
  };

  const readPath = (): Expression => {
    let of = readPrimary();
    for (;;) {
      if (reader.takeSymbol(".")) of = { kind: "member", of, name: reader.takeName() };
      else if (reader.takeSymbol("[")) {
        of = { kind: "item", of, index: readOr() };
        if (!reader.takeSymbol("]")) throw reader.refuse("]");
      } else return of;
    }
  };

  const readPrimary = (): Expression => {
    if (reader.takeSymbol("(")) {
      const inside = readOr();
      if (!reader.takeSymbol(")")) throw reader.refuse(")");
      return inside;
    }
    const token = reader.next();
    if (token.kind === "text") return { kind: "literal", value: token.text };
    if (token.kind === "number") return { kind: "literal", value: token.value };
    if (token.kind === "datetime") return readDatetime(reader, token.text);
    if (token.kind === "name") return readNamed(token.text);
    throw reader.refuse("a value", -1);
  };

  const readNamed = (name: string): Expression => {
    const lower = name.toLowerCase();
    const follower = reader.peek();
    if (follower.kind === "symbol" && follower.text === "(") {
      const known: FunctionName | undefined = functionNames.find((one) => one === lower);
      if (known === undefined) throw reader.refuse("a supported function", -1);
      const args = readArguments();
      const [only] = args;
      return known === "not" && only !== undefined
        ? { kind: "not", of: only }
        : { kind: "call", name: known, args };
    }
    if (lower === "true" || lower === "false") return { kind: "literal", value: lower === "true" };
    return lower === "null" ? { kind: "literal", value: null } : { kind: "column", name };
  };

  const readArguments = (): readonly Expression[] => {
    if (!reader.takeSymbol("(")) throw reader.refuse("(");
    const args: Expression[] = [];
    if (reader.takeSymbol(")")) return args;
    do {
      if (args.length >= maxArguments) throw reader.refuse(`at most ${maxArguments} values`);
      args.push(readOr());
    } while (reader.takeSymbol(","));
    if (!reader.takeSymbol(")")) throw reader.refuse(", or )");
    return args;
  };

  return { read: readOr };
}

function readDatetime(reader: TokenReader, text: string): Expression {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const epochMs = parseInstant(full) ?? parseInstant(`${full}Z`);
  if (epochMs === undefined) throw reader.refuse("an ISO instant in datetime(…)", -1);
  return { kind: "datetime", epochMs };
}

function takeIn(reader: TokenReader): { negated: boolean; ignoreCase: boolean } | undefined {
  if (reader.takeSymbol("in~")) return { negated: false, ignoreCase: true };
  if (reader.takeSymbol("!in~")) return { negated: true, ignoreCase: true };
  if (reader.takeWord("in")) return { negated: false, ignoreCase: false };
  const [bang, word] = [reader.peek(), reader.peek(1)];
  if (bang.kind !== "symbol" || bang.text !== "!") return undefined;
  if (word.kind !== "name" || word.text.toLowerCase() !== "in") return undefined;
  reader.next();
  reader.next();
  return { negated: true, ignoreCase: false };
}

function takeComparison(reader: TokenReader): Comparison | undefined {
  const token = reader.peek();
  const bang = token.kind === "symbol" && token.text === "!";
  const word = bang ? reader.peek(1) : token;
  const text =
    word.kind === "name" || word.kind === "symbol"
      ? `${bang ? "!" : ""}${word.text.toLowerCase()}`
      : "";
  const found = comparisons.find((operator) => operator === text);
  if (found === undefined) return undefined;
  reader.next();
  if (bang) reader.next();
  return found;
}
