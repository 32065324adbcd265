import * as df from "durable-functions";
import type { Activities, ActivityName } from "../../activities/activity-types.ts";
import { runActivity } from "../../activities/run-activity.ts";
import { workflows } from "../../workflows/workflows.ts";
import { toOrchestrator } from "./run-workflow.ts";

/** Registers every workflow and every activity with the Functions host. */
export function registerDurable(activities: Activities): void {
  for (const [name, workflow] of Object.entries(workflows)) {
    // Each entry's input type is fixed by its own name; the registry mixes them.
    df.app.orchestration(name, toOrchestrator(workflow as Parameters<typeof toOrchestrator>[0]));
  }
  for (const name of Object.keys(activities) as ActivityName[]) {
    df.app.activity(name, {
      // The engine hands over what the workflow passed to `call`, typed there.
      handler: (input: unknown, context) =>
        runActivity(activities, name, input as never, (bugIn, error) => {
          context.error(`activity ${bugIn} failed without a catalogued fault`, error);
        }),
    });
  }
}
