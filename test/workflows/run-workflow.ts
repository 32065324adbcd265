import type {
  ActivityInput,
  ActivityName,
  ActivityOutput,
} from "../../src/activities/activity-types.ts";
import { type Fault, FaultError } from "../../src/domain/fault.ts";
import { failed, ok, type Result } from "../../src/domain/result.ts";
import {
  createWorkflowContext,
  type Workflow,
  type WorkflowContext,
} from "../../src/workflows/context.ts";

type Fakes = {
  readonly [K in ActivityName]?: (
    input: ActivityInput<K>,
    call: number,
  ) => ActivityOutput<K> | Fault;
};

export interface WorkflowRun {
  /** Names of the activities in the order called. */
  readonly calls: readonly { readonly activity: ActivityName; readonly input: unknown }[];
  readonly endedAtMs: number;
}

/** More steps than any workflow takes: a loop that never ends fails the test instead of hanging. */
const stepLimit = 10_000;

/**
 * Runs a workflow to its end against fake activities, on a clock that jumps to whatever it sleeps
 * until. An activity without a fake answers `{}`.
 */
export function runWorkflow<I>(
  workflow: (context: WorkflowContext, input: I) => Workflow<void>,
  input: I,
  fakes: Fakes,
  /** Raised as soon as the workflow waits for them, once each. */
  events: Readonly<Record<string, object>> = {},
): WorkflowRun {
  const raised = new Map(Object.entries(events));
  let nowMs = Date.parse("2026-01-05T06:30:00Z");
  const calls: { activity: ActivityName; input: unknown }[] = [];
  const running = workflow(
    createWorkflowContext(() => nowMs),
    structuredClone(input),
  );
  let step = running.next();
  for (let count = 0; step.done !== true; count += 1) {
    if (count > stepLimit) throw new Error("The workflow does not end");
    const effect = step.value;
    if (effect.kind !== "call") {
      if (effect.kind === "waitFor" && raised.has(effect.event)) {
        step = running.next(raised.get(effect.event));
        raised.delete(effect.event);
        continue;
      }
      nowMs = Math.max(nowMs, effect.kind === "sleepUntil" ? effect.atMs : effect.untilMs);
      step = running.next(undefined);
      continue;
    }
    calls.push({ activity: effect.activity, input: structuredClone(effect.input) });
    step = running.next(answer(fakes, effect.activity, effect.input, calls));
  }
  return { calls, endedAtMs: nowMs };
}

function answer(
  fakes: Fakes,
  activity: ActivityName,
  input: unknown,
  calls: readonly { activity: ActivityName }[],
): Result<unknown, Fault> {
  const fake = fakes[activity] as ((input: unknown, call: number) => unknown) | undefined;
  try {
    const value = fake?.(input, calls.filter((call) => call.activity === activity).length) ?? {};
    return isFault(value) ? failed(value) : ok(value);
  } catch (error) {
    if (error instanceof FaultError) return failed(error.fault);
    throw error;
  }
}

const isFault = (value: unknown): value is Fault =>
  typeof value === "object" && value !== null && "recommendedAction" in value;
