import { z } from "zod";

/**
 * Clients spell alike things differently: other casing, snake_case, `resourceId` for `resourceID`,
 * explicit nulls, one object where a list belongs (shared/reference/arm-contract.md §1.2, §5).
 * `canonical` rewrites such a value to what the schema names, so that every schema can be strict
 * about one spelling. It follows the schema, hence its depth is the schema's and not the sender's.
 */
export function canonical(schema: z.ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) {
    return value === undefined ? value : canonical(inner(schema), value);
  }
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return value === null || value === undefined ? value : canonical(inner(schema), value);
  }
  if (schema instanceof z.ZodObject) return canonicalObject(schema, value);
  if (schema instanceof z.ZodArray) return canonicalArray(schema, value);
  if (schema instanceof z.ZodDiscriminatedUnion) return canonicalUnion(schema, value);
  if (schema instanceof z.ZodRecord) return withoutNulls(value);
  if (schema instanceof z.ZodEnum) return spelledAs(schema.options, value);
  if (schema instanceof z.ZodLiteral) return spelledAs([...schema.values], value);
  return value;
}

export const isJsonRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `datasource_auth_credentials`, `DatasourceAuthCredentials` → one text. */
const fold = (name: string): string => name.replaceAll("_", "").toLowerCase();

function canonicalObject(schema: z.ZodObject, value: unknown): unknown {
  if (!isJsonRecord(value)) return value;
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape as Record<string, z.ZodType>;
  const canonicalNames = new Map(Object.keys(shape).map((name) => [fold(name), name]));
  // `az` writes `Criteria` beside a stale `criteria`: the deviating spelling is the newer one.
  const deviates = (name: string): number => Number(canonicalNames.get(fold(name)) !== name);
  const entries = Object.entries(value).toSorted(([a], [b]) => deviates(a) - deviates(b));
  const result: Record<string, unknown> = {};
  for (const [name, member] of entries) {
    const canonicalName = canonicalNames.get(fold(name));
    if (canonicalName === undefined) continue;
    const memberSchema = shape[canonicalName];
    if (memberSchema === undefined) continue;
    if (member === null && !(memberSchema instanceof z.ZodNullable)) continue;
    result[canonicalName] = canonical(memberSchema, member);
  }
  return result;
}

function canonicalArray(schema: z.ZodArray, value: unknown): unknown {
  const element = schema.element as z.ZodType;
  if (Array.isArray(value)) return value.map((item) => canonical(element, item));
  return isJsonRecord(value) ? [canonical(element, value)] : value;
}

function canonicalUnion(schema: z.ZodDiscriminatedUnion, value: unknown): unknown {
  if (!isJsonRecord(value)) return value;
  const discriminator = schema.def.discriminator;
  const found = Object.entries(value).find(([name]) => fold(name) === fold(discriminator));
  const options = schema.options as readonly z.ZodObject[];
  const option = options.find((candidate) => {
    const literal = (candidate.shape as Record<string, z.ZodType>)[discriminator];
    const spelled = literal === undefined ? undefined : canonical(literal, found?.[1]);
    return literal?.safeParse(spelled).success ?? false;
  });
  // Without a known discriminator the union itself reports what it wants.
  return option === undefined
    ? { ...value, [discriminator]: found?.[1] }
    : canonicalObject(option, value);
}

const spelledAs = (spellings: readonly unknown[], value: unknown): unknown =>
  typeof value === "string"
    ? (spellings.find(
        (spelling) =>
          typeof spelling === "string" && spelling.toLowerCase() === value.toLowerCase(),
      ) ?? value)
    : value;

const withoutNulls = (value: unknown): unknown =>
  isJsonRecord(value)
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
    : value;

const inner = (schema: { unwrap(): unknown }): z.ZodType => schema.unwrap() as z.ZodType;
