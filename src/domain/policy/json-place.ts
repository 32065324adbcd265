import type { ErrorCode } from "../error-catalogue.ts";

/** One thing wrong with a policy or a request: where, what was found, what belongs there. */
export interface PolicyProblem {
  readonly code: ErrorCode;
  /** Such as `properties.policyRules[0].trigger.schedule.timeZone`. */
  readonly path: string;
  /** As sent; absent: nothing was sent. */
  readonly value?: unknown;
  readonly expectation: string;
  readonly message: string;
}

/** A value inside a JSON document, and the list to which everything wrong with it goes. */
export interface JsonPlace {
  readonly path: string;
  /** Never null: clients send null for "not set". */
  readonly value: unknown;
  readonly problems: PolicyProblem[];
}

export const invalidInput: ErrorCode = "BMSUserErrorInvalidInput";
/** For what Azure's contract allows elsewhere but not for PostgreSQL. */
export const notSupported: ErrorCode = "UserErrorNotSupported";

/** Values in messages are cut to this many characters. */
const maxShownCharacters = 120;

export function problemOf(
  path: string,
  value: unknown,
  expectation: string,
  code: ErrorCode = invalidInput,
): PolicyProblem {
  const text = value === undefined ? undefined : JSON.stringify(value);
  const shown =
    text === undefined
      ? "is missing"
      : `is ${text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text}`;
  const message = `${path} ${shown}; expected ${expectation}.`;
  return { code, path, ...(value === undefined ? {} : { value }), expectation, message };
}

/** Notes a problem; returns undefined so that a reader can end with it. */
export function report(place: JsonPlace, expectation: string, code?: ErrorCode): undefined {
  place.problems.push(problemOf(place.path, place.value, expectation, code));
}

export function fieldOf(place: JsonPlace, name: string): JsonPlace {
  const value = isRecord(place.value) ? (place.value[name] ?? undefined) : undefined;
  return { path: `${place.path}.${name}`, value, problems: place.problems };
}

export const hasValue = (place: JsonPlace): boolean => place.value !== undefined;

/** The items of an array; not set is empty. Anything else is a problem, as is too long an array. */
export function itemsOf(place: JsonPlace, limit: number): readonly JsonPlace[] {
  if (place.value === undefined) return [];
  if (!Array.isArray(place.value) || place.value.length > limit) {
    report(place, `an array of at most ${limit} items`);
    return [];
  }
  return place.value.map((value: unknown, index) => ({
    path: `${place.path}[${index}]`,
    value: value ?? undefined,
    problems: place.problems,
  }));
}

/** Text of 1 to `maxTextCharacters` characters, trimmed. */
export function textOf(place: JsonPlace, expectation: string): string | undefined {
  const text = typeof place.value === "string" ? place.value.trim() : "";
  return text === "" || text.length > maxTextCharacters ? report(place, expectation) : text;
}

const maxTextCharacters = 256;

/** One of `words`, without regard to case, in its proper case. */
export function wordOf<Word extends string>(
  place: JsonPlace,
  words: readonly Word[],
  code?: ErrorCode,
): Word | undefined {
  const { value } = place;
  const word =
    typeof value === "string"
      ? words.find((candidate) => candidate.toLowerCase() === value.trim().toLowerCase())
      : undefined;
  const expectation = words.length === 1 ? `${words[0]}` : `one of ${words.join(", ")}`;
  return word ?? report(place, expectation, hasValue(place) ? code : undefined);
}

/** Several of `words`, none twice; not set is empty. */
export function wordsOf<Word extends string>(
  place: JsonPlace,
  words: readonly Word[],
): readonly Word[] {
  const found: Word[] = [];
  for (const item of itemsOf(place, words.length * 2)) {
    const word = wordOf(item, words);
    if (word !== undefined && found.includes(word)) report(item, "each value once");
    else if (word !== undefined) found.push(word);
  }
  return found;
}

/** The discriminator `objectType` of an object; an optional one may be missing but not wrong. */
export function isObjectType(
  place: JsonPlace,
  names: readonly string[],
  presence: "required" | "optional" = "required",
): boolean {
  const objectType = fieldOf(place, "objectType");
  if (presence === "optional" && !hasValue(objectType)) return true;
  return wordOf(objectType, names) !== undefined;
}

/** Whether the place holds an object; if not, a problem is noted. */
export function isObject(place: JsonPlace, expectation: string): boolean {
  if (isRecord(place.value)) return true;
  report(place, expectation);
  return false;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
