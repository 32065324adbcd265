/** Whether a path value satisfies one inline constraint of a route template. */
export type Constraint = (value: string) => boolean;

const PLAIN: Readonly<Record<string, Constraint>> = {
  int: (value) => /^[+-]?\d+$/.test(value) && isWithin(Number(value), -(2 ** 31), 2 ** 31 - 1),
  long: (value) => /^[+-]?\d{1,19}$/.test(value),
  decimal: isNumeric,
  double: isNumeric,
  float: isNumeric,
  bool: (value) => /^(?:true|false)$/i.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  guid: (value) =>
    /^(?:\{[0-9a-f-]{36}\}|\([0-9a-f-]{36}\)|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(
      value,
    ),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  required: (value) => value !== "",
};

const WITH_NUMBERS: Readonly<Record<string, (low: number, high: number) => Constraint>> = {
  length: (low, high) => (value) => isWithin(value.length, low, Number.isNaN(high) ? low : high),
  minlength: (low) => (value) => value.length >= low,
  maxlength: (low) => (value) => value.length <= low,
  min: (low) => (value) => isInteger(value) && Number(value) >= low,
  max: (low) => (value) => isInteger(value) && Number(value) <= low,
  range: (low, high) => (value) => isInteger(value) && isWithin(Number(value), low, high),
};

/** `int`, `length(2,5)`, `regex(^a$)` ...; throws for a constraint that ASP.NET does not know. */
export function parseConstraint(text: string, route: string): Constraint {
  const groups = /^(?<name>\w+)(?:\((?<argument>.*)\))?$/s.exec(text.trim())?.groups;
  const name = groups?.["name"]?.toLowerCase() ?? "";
  const argument = groups?.["argument"];
  const plain = Object.hasOwn(PLAIN, name) ? PLAIN[name] : undefined;
  if (plain !== undefined && argument === undefined) return plain;
  if (name === "regex" && argument !== undefined) return parseRegex(argument, route);
  const build = Object.hasOwn(WITH_NUMBERS, name) ? WITH_NUMBERS[name] : undefined;
  const [low = Number.NaN, high = Number.NaN] = (argument ?? "").split(",").map(toNumber);
  if (build !== undefined && !Number.isNaN(low)) return build(low, high);
  const known = [...Object.keys(PLAIN), ...Object.keys(WITH_NUMBERS), "regex"].join(", ");
  throw new Error(`Route "${route}": unknown constraint "${text}". Known are ${known}.`);
}

/** Braces in a route are doubled to be literal. */
function parseRegex(argument: string, route: string): Constraint {
  try {
    const expression = new RegExp(argument.replaceAll("{{", "{").replaceAll("}}", "}"), "i");
    return (value) => expression.test(value);
  } catch (cause) {
    throw new Error(`Route "${route}": "${argument}" is not a regular expression.`, { cause });
  }
}

function toNumber(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

function isNumeric(value: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value);
}

function isInteger(value: string): boolean {
  return /^[+-]?\d+$/.test(value);
}

function isWithin(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
