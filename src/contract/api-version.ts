import { type Fault, fault } from "../domain/fault.ts";
import { failed, ok, type Result } from "../domain/result.ts";

/** Clients of all years call; one behaviour is served (arm-contract.md §1.1). */
const oldestApiVersion = "2021-01-01";
/** What pgvault itself sends and documents. */
export const newestApiVersion = "2025-07-01";

/** Accepts `YYYY-MM-DD[-preview]` of an existing day, 2021-01-01 or later. */
export function parseApiVersion(text: string | undefined): Result<string, Fault> {
  if (text === undefined || text === "") return failed(fault("MissingApiVersionParameter"));
  const date = /^(\d{4}-\d{2}-\d{2})(?:-preview)?$/i.exec(text)?.[1];
  if (date === undefined || !isCalendarDay(date) || date < oldestApiVersion) {
    return failed(fault("InvalidApiVersionParameter", { version: text.slice(0, 40) }));
  }
  return ok(text);
}

function isCalendarDay(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (lengths[month - 1] ?? 0);
}
