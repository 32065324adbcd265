import { type Fault, FaultError, toFault } from "../domain/fault.ts";
import { failed, ok, type Result } from "../domain/result.ts";
import type { Activities, ActivityInput, ActivityName, ActivityOutput } from "./activity-types.ts";

/**
 * Runs one activity and turns its rejection into a value, so that the workflow, and not the
 * engine's retry machinery, decides what follows. A fault without catalogue entry is a bug: it is
 * reported through `onBug` with its stack and reaches the job as InternalError.
 */
export async function runActivity<K extends ActivityName>(
  activities: Activities,
  name: K,
  input: ActivityInput<K>,
  onBug: (name: ActivityName, error: unknown) => void = () => {},
): Promise<Result<ActivityOutput<K>, Fault>> {
  try {
    return ok(await activities[name](input));
  } catch (error) {
    if (!(error instanceof FaultError)) onBug(name, error);
    return failed(toFault(error));
  }
}
