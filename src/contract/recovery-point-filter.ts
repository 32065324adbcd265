import { type Fault, fault } from "../domain/fault.ts";
import { formatRecordInstant, parseInstant } from "../domain/instant.ts";
import { failed, ok, type Result } from "../domain/result.ts";

/** Instants of our records, both inclusive. */
export interface RecoveryPointFilter {
  readonly from?: string;
  readonly to?: string;
}

const maxFilterLength = 1000;

/**
 * Reads the `$filter` of recovery points as clients write it: `startDate eq '…' and endDate eq '…'`
 * (arm-contract.md §5.8). Empty means no filter. `isVisible` and `restorePointState` may be named
 * with the only values that points of PostgreSQL have.
 */
export function parseRecoveryPointFilter(
  text: string | undefined,
): Result<RecoveryPointFilter, Fault> {
  const filter = (text ?? "").trim();
  if (filter === "") return ok({});
  if (filter.length > maxFilterLength) return failed(unreadable(`${filter.slice(0, 80)}…`));
  const found: { from?: string; to?: string } = {};
  for (const clause of filter.split(/\s+and\s+/i)) {
    const [, name = "", quoted, bare] =
      /^\s*(\w+)\s+eq\s+(?:'([^']*)'|([\w.:+-]+))\s*$/i.exec(clause) ?? [];
    const value = quoted ?? bare ?? "";
    const instant = parseInstant(value);
    const field = name.toLowerCase();
    if (field === "startdate" && instant !== undefined) found.from = formatRecordInstant(instant);
    else if (field === "enddate" && instant !== undefined) found.to = formatRecordInstant(instant);
    else if (!isAlwaysTrue(field, value.toLowerCase())) return failed(unreadable(clause));
  }
  return ok(found);
}

const isAlwaysTrue = (field: string, value: string): boolean =>
  (field === "isvisible" && value === "true") ||
  (field === "restorepointstate" && value === "completed");

const unreadable = (clause: string): Fault =>
  fault(
    "BMSUserErrorInvalidInput",
    {
      detail: `$filter '${clause}' is not understood; expected startDate eq 'INSTANT' and endDate eq 'INSTANT', instants such as 2023-06-27T09:38:42Z`,
    },
    { target: "$filter" },
  );
