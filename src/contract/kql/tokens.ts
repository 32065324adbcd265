import { type Fault, FaultError, fault } from "../../domain/fault.ts";

export type Token =
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "datetime"; readonly text: string; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

const patterns = {
  space: /(?:\s|\/\/[^\n]*)+/y,
  /** `datetime(2023-06-27T09:38:42Z)`: its argument is no expression. */
  datetime: /datetime\s*\(\s*["']?([0-9T:.+Z -]+?)["']?\s*\)/iy,
  name: /[A-Za-z_]\w*/y,
  number: /\d+(?:\.\d+)?/y,
  text: /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/y,
  symbol: /!in~|in~|!=|==|=~|!~|<=|>=|[|,()[\].=<>!]/y,
} as const;

/** Splits a query into tokens; what is none of the supported language is refused by place. */
export function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(query);
  };
  while (at < query.length) {
    const space = match(patterns.space);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = readToken(match, at);
    if (token === undefined) throw notUnderstood(query, at);
    tokens.push(token.token);
    at += token.length;
  }
  return [...tokens, { kind: "end", at }];
}

function readToken(
  match: (pattern: RegExp) => RegExpExecArray | null,
  at: number,
): { token: Token; length: number } | undefined {
  const datetime = match(patterns.datetime);
  if (datetime !== null) {
    const token = { kind: "datetime", text: datetime[1] ?? "", at } as const;
    return { token, length: datetime[0].length };
  }
  const negatedOrTilde = match(patterns.symbol);
  const name = match(patterns.name);
  if (name !== null && negatedOrTilde === null) {
    return { token: { kind: "name", text: name[0], at }, length: name[0].length };
  }
  const text = match(patterns.text);
  if (text !== null) {
    const content = (text[1] ?? text[2] ?? "").replaceAll(/\\(.)/g, "$1");
    return { token: { kind: "text", text: content, at }, length: text[0].length };
  }
  const number = match(patterns.number);
  if (number !== null) {
    const value = Number(number[0]);
    return { token: { kind: "number", value, at }, length: number[0].length };
  }
  return negatedOrTilde === null
    ? undefined
    : { token: { kind: "symbol", text: negatedOrTilde[0], at }, length: negatedOrTilde[0].length };
}

/** What is supported, told with every refusal. */
const supported =
  "Supported: tables resources and RecoveryServicesResources; where, extend, project, order by, take, count; and, or, not(), == != =~ !~ < <= > >=, in, in~, !in, !in~, contains, startswith, endswith, has and their ! forms; case, iff, tolower, toupper, tostring, strcat, split, isempty, isnotempty, isnull, isnotnull, datetime(…); paths such as properties.status and indexes such as [0].";

export function notUnderstood(query: string, at: number, expected?: string): FaultError {
  const near = query.slice(at, at + 40);
  const found: Fault = fault(
    "BMSUserErrorInvalidInput",
    {
      detail: `the query is not understood at character ${at}${near === "" ? ", its end" : ` ('${near}')`}${expected === undefined ? "" : `: expected ${expected}`}. ${supported}`,
    },
    { target: "query" },
  );
  return new FaultError(found);
}
