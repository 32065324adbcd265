import { type Fault, FaultError, toFault } from "../domain/fault.ts";

/** Findings that an answer tells one by one; the rest are told as a number, and by the next check. */
export const findingsLimit = 100;

/**
 * Rejects with everything that is wrong: the first finding's code, all findings in its details.
 * Trying again helps only if every finding may vanish by itself.
 */
export function throwFindings(findings: readonly Fault[], properties?: Fault["properties"]): void {
  const [first, ...others] = findings;
  if (first === undefined) return;
  const extra = properties === undefined ? {} : { properties };
  if (others.length === 0) throw new FaultError({ ...first, ...extra });
  throw new FaultError({
    ...first,
    ...extra,
    message: `${first.message} ${summaryOf(findings.length)}`,
    retryable: findings.every((finding) => finding.retryable),
    userError: findings.some((finding) => finding.userError),
    details: findings.slice(0, findingsLimit),
  });
}

const summaryOf = (count: number): string =>
  count > findingsLimit
    ? `(The first of ${count} findings; details hold ${findingsLimit} of them.)`
    : `(The first of ${count} findings; details hold all of them.)`;

/**
 * What one of several checks came to. What the customer can mend is a finding and lets the other
 * checks go on; anything else rejects, because nothing was learnt then.
 */
export type Checked<T> =
  | { readonly value: T; readonly faults: readonly [] }
  | { readonly value?: undefined; readonly faults: readonly Fault[] };

export async function checking<T>(step: () => Promise<T>): Promise<Checked<T>> {
  try {
    return { value: await step(), faults: [] };
  } catch (error) {
    const found = toFault(error);
    if (!(error instanceof FaultError) || !found.userError) throw error;
    return { faults: [found] };
  }
}
