import { type Fault, FaultError } from "../domain/fault.ts";

/** Rejects with everything that is wrong: the first finding, all of them in its details. */
export function throwFindings(findings: readonly Fault[]): void {
  const [first, ...others] = findings;
  if (first === undefined) return;
  if (others.length === 0) throw new FaultError(first);
  throw new FaultError({ ...first, details: findings });
}
