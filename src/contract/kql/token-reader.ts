import type { FaultError } from "../../domain/fault.ts";
import { notUnderstood, type Token, tokensOf } from "./tokens.ts";

/** Walks over the tokens of a query; every refusal names its place. */
export interface TokenReader {
  peek(ahead?: number): Token;
  next(): Token;
  atEnd(): boolean;
  takeSymbol(text: string): boolean;
  takeWord(text: string): boolean;
  takeName(): string;
  takeNumber(): number;
  /** `offset` -1: at the token just taken. */
  refuse(expected: string, offset?: number): FaultError;
}

export function createTokenReader(query: string, maxLength: number): TokenReader {
  if (query.length > maxLength)
    throw notUnderstood(query, maxLength, `at most ${maxLength} characters`);
  const tokens = tokensOf(query);
  const end: Token = { kind: "end", at: query.length };
  let position = 0;
  const peek = (ahead = 0): Token => tokens[position + ahead] ?? end;
  const next = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const refuse = (expected: string, offset = 0): FaultError =>
    notUnderstood(query, peek(offset).at, expected);
  return {
    peek,
    next,
    refuse,
    atEnd: () => peek().kind === "end",
    takeSymbol(text) {
      const token = peek();
      const taken = token.kind === "symbol" && token.text === text;
      if (taken) position += 1;
      return taken;
    },
    takeWord(text) {
      const token = peek();
      const taken = token.kind === "name" && token.text.toLowerCase() === text;
      if (taken) position += 1;
      return taken;
    },
    takeName() {
      const token = next();
      if (token.kind === "name") return token.text;
      throw refuse("a name", -1);
    },
    takeNumber() {
      const token = next();
      if (token.kind === "number" && Number.isInteger(token.value)) return token.value;
      throw refuse("a whole number", -1);
    },
  };
}
