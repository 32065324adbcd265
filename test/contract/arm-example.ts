import { readFileSync } from "node:fs";
import path from "node:path";

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [key: string]: JsonValue };
export type JsonRecord = { [key: string]: JsonValue };

export interface Exchange {
  readonly request: { method: string; path: string; body?: JsonRecord };
  readonly response: { status: number; headers?: Record<string, string>; body?: JsonRecord | "" };
}

/** A file of recorded or specified traffic of the real service (shared/arm-examples). */
export interface ArmExample {
  readonly source: string;
  readonly exchanges?: readonly Exchange[];
  readonly request?: Exchange["request"];
  readonly response?: Exchange["response"];
  readonly [key: string]: unknown;
}

export function readArmExample(name: string): ArmExample {
  const file = path.join(import.meta.dirname, "arm-examples", `${name}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as ArmExample;
}

/** The exchanges of a file, in order, whichever of its two layouts it has. */
export function exchangesOf(name: string): readonly Exchange[] {
  const example = readArmExample(name);
  if (example.exchanges !== undefined) return example.exchanges;
  return example.request !== undefined && example.response !== undefined
    ? [{ request: example.request, response: example.response }]
    : [];
}

/** A JSON value that must be a text. */
export function textOf(value: unknown): string {
  if (typeof value !== "string") throw new Error(`${JSON.stringify(value)} is no text`);
  return value;
}
