import { app } from "@azure/functions";
import * as df from "durable-functions";
import type { WorkflowClient } from "../../ports/workflow-client.ts";
import { createWorkflowClient } from "../durable/workflow-client.ts";
import type { DueFailure } from "./serve-due.ts";

/** One tick's work; its outcome is logged, and each failure in it as an error. */
export type Tick = (
  workflows: WorkflowClient,
) => Promise<{ readonly failures: readonly DueFailure[] }>;

export interface Ticks {
  /** Starts due backups. */
  readonly schedule: Tick;
  /** Ends abandoned jobs. */
  readonly jobWatch: Tick;
  /** Expires, archives and purges what is due. */
  readonly lifecycle: Tick;
  /** Starts due validations of protected instances. */
  readonly validation: Tick;
  /** Sends events; absent where nobody is told. */
  readonly events?: Tick;
}

const everyMinute = "0 * * * * *";

export function registerTimers(ticks: Ticks): void {
  for (const [name, tick] of Object.entries(ticks)) {
    app.timer(`tick-${name}`, {
      schedule: everyMinute,
      extraInputs: [df.input.durableClient()],
      handler: async (_timer, context) => {
        const { failures, ...outcome } = await tick(createWorkflowClient(df.getClient(context)));
        context.debug(`tick ${name}`, outcome);
        for (const { key, error } of failures) context.error(`tick ${name}: ${key} failed`, error);
      },
    });
  }
}
