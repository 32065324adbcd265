import type * as df from "durable-functions";
import type { ActivityName } from "../../activities/activity-types.ts";
import type { WorkflowContext } from "../../workflows/context.ts";
import { createWorkflowContext, type Effect, type Workflow } from "../../workflows/context.ts";

/** Function names are one namespace: a workflow and its activity may share a name, functions not. */
export const activityFunction = (name: ActivityName): string => `activity-${name}`;

type Step = Generator<df.Task, unknown, unknown>;

/** A workflow as a Durable orchestrator: every effect becomes the task that answers it. */
export function toOrchestrator<I>(
  workflow: (context: WorkflowContext, input: I) => Workflow<void>,
): (context: df.OrchestrationContext) => Step {
  return function* orchestrate(context) {
    const workflowContext = createWorkflowContext(() => context.df.currentUtcDateTime.getTime());
    const running = workflow(workflowContext, context.df.getInput<I>());
    let step = running.next();
    while (step.done !== true) {
      const answer = yield* perform(context, step.value);
      step = answer.failed ? running.throw(answer.error) : running.next(answer.value);
    }
    return null;
  };
}

type Answer =
  | { readonly failed: false; readonly value: unknown }
  | { readonly failed: true; readonly error: unknown };

/** Keeps the engine's errors apart from those the workflow throws by itself. */
function* perform(
  context: df.OrchestrationContext,
  effect: Effect,
): Generator<df.Task, Answer, unknown> {
  try {
    return { failed: false, value: yield* answer(context, effect) };
  } catch (error) {
    return { failed: true, error };
  }
}

function* answer(
  context: df.OrchestrationContext,
  effect: Effect,
): Generator<df.Task, unknown, unknown> {
  switch (effect.kind) {
    case "call":
      return yield context.df.callActivity(activityFunction(effect.activity), effect.input);
    case "sleepUntil":
      return yield context.df.createTimer(new Date(effect.atMs));
    case "waitFor": {
      const event = context.df.waitForExternalEvent(effect.event);
      const timer = context.df.createTimer(new Date(effect.untilMs));
      const winner = yield context.df.Task.any([event, timer]);
      if (winner !== event) return undefined;
      // An uncancelled timer would keep the instance Running until it fires.
      timer.cancel();
      return event.result;
    }
  }
}
