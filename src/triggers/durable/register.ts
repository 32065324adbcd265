import * as df from "durable-functions";
import type { ActivityName } from "../../activities/activity-types.ts";
import { workflows } from "../../workflows/workflows.ts";
import { activityFunction, toOrchestrator } from "./run-workflow.ts";

/** Runs one activity; a failure without catalogue entry is reported to `onBug` before it is a fault. */
export type RunActivity = (
  name: ActivityName,
  input: unknown,
  onBug: (error: unknown) => void,
) => Promise<unknown>;

/** Registers every workflow and every activity with the Functions host. */
export function registerDurable(names: readonly ActivityName[], run: RunActivity): void {
  for (const [name, workflow] of Object.entries(workflows)) {
    // Each entry's input type is fixed by its own name; the registry mixes them.
    df.app.orchestration(name, toOrchestrator(workflow as Parameters<typeof toOrchestrator>[0]));
  }
  for (const name of names) {
    df.app.activity(activityFunction(name), {
      handler: (input: unknown, context) =>
        run(name, input, (error) => {
          context.error(`activity ${name} failed without a catalogued fault`, error);
        }),
    });
  }
}
