import { type CatalogueEntry, type ErrorCode, errorCatalogue } from "./error-catalogue.ts";

/**
 * A catalogued failure as a plain value: it crosses activities, jobs, operations and the wire
 * unchanged. `message` names the object that failed; `recommendedAction` is the next step.
 */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  /** JSON path of the offending input or the name of the object, where there is one. */
  readonly target?: string;
  readonly recommendedAction: readonly string[];
  /** Trying the same thing again may succeed. */
  readonly retryable: boolean;
  /** The customer can mend it; otherwise pgvault or the platform failed. */
  readonly userError: boolean;
  readonly details?: readonly Fault[];
  /** Named texts that help to mend it, such as `GrantScript`. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface FaultOptions {
  readonly target?: string;
  readonly details?: readonly Fault[];
  /** Extra next steps, most specific first (such as the statement that grants what is missing). */
  readonly recommendedAction?: readonly string[];
}

/** Builds a fault from its catalogue entry; `{name}` places in the template take `values.name`. */
export function fault(
  code: ErrorCode,
  values: Readonly<Record<string, string | number>> = {},
  options: FaultOptions = {},
): Fault {
  const entry: CatalogueEntry = errorCatalogue[code];
  return {
    code,
    message: fill(entry.message, values),
    ...(options.target === undefined ? {} : { target: options.target }),
    recommendedAction: [...(options.recommendedAction ?? []), fill(entry.action, values)],
    retryable: entry.retryable,
    userError: entry.fault === "user",
    ...(options.details === undefined ? {} : { details: options.details }),
  };
}

/** HTTP status that ARM answers with when this fault ends a request. */
export const httpStatusOf = (code: ErrorCode): number => errorCatalogue[code].httpStatus;

/** A fault on its way up the stack; ports reject with it, activities turn it back into a value. */
export class FaultError extends Error {
  readonly fault: Fault;
  constructor(value: Fault, options?: { cause?: unknown }) {
    super(`${value.code}: ${value.message}`, options);
    this.name = "FaultError";
    this.fault = value;
  }
}

/** The fault inside `error`, or an InternalError fault that keeps its text. */
export function toFault(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  const detail = error instanceof Error ? error.message : String(error);
  return fault("InternalError", { detail });
}

const fill = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
