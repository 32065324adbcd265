import type { ActivityInput, ActivityName, ActivityOutput } from "../activities/activity-types.ts";
import type { Fault } from "../domain/fault.ts";
import { FaultError } from "../domain/fault.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Result } from "../domain/result.ts";

/**
 * What a workflow asks of its engine, as plain data. Durable Functions, and a loop in a test, turn
 * effects into answers; a workflow never learns which one runs it.
 */
export type Effect =
  | { readonly kind: "call"; readonly activity: ActivityName; readonly input: JsonObject }
  | { readonly kind: "sleepUntil"; readonly atMs: number }
  | { readonly kind: "waitFor"; readonly event: string; readonly untilMs: number };

/** A deterministic generator: decides and yields, nothing else. */
export type Workflow<T> = Generator<Effect, T, unknown>;

export interface WorkflowContext {
  /** Epoch ms of the current episode; the same on every replay. */
  now(): number;
  /** Runs one activity; throws FaultError when it answers a fault. */
  call<K extends ActivityName>(activity: K, input: ActivityInput<K>): Workflow<ActivityOutput<K>>;
  sleepUntil(atMs: number): Workflow<void>;
  /** Payload of the event, or undefined when `untilMs` came first. */
  waitFor(event: string, untilMs: number): Workflow<JsonObject | undefined>;
}

/** The context over any engine that answers effects; `nowMs` reads the engine's replayed clock. */
export function createWorkflowContext(nowMs: () => number): WorkflowContext {
  return {
    now: nowMs,
    *call(activity, input) {
      // The engine answers with what the activity returned; types are checked at `call`'s border.
      const answer = (yield { kind: "call", activity, input: parseInput(input) }) as Result<
        ActivityOutput<typeof activity>,
        Fault
      >;
      if (!answer.ok) throw new FaultError(answer.error);
      return answer.value;
    },
    *sleepUntil(atMs) {
      yield { kind: "sleepUntil", atMs };
    },
    *waitFor(event, untilMs) {
      return (yield { kind: "waitFor", event, untilMs }) as JsonObject | undefined;
    },
  };
}

/** Inputs are plain JSON by construction of ActivityTypes. */
const parseInput = (input: object): JsonObject => input as JsonObject;
