import { randomUUID } from "node:crypto";
import { HostFailureError } from "../core/host-failure.ts";
import { typedDataToJson } from "../core/typed-data.ts";
import type { RegisteredFunction } from "../core/worker-port.ts";
import type { Action } from "./actions.ts";
import type { EngineContext } from "./engine-context.ts";
import type { FailureDetails } from "./history.ts";
import type { InstanceRecord } from "./store.ts";

/** What the orchestrator function said about itself in one episode. */
export interface OrchestratorState {
  readonly isDone: boolean;
  /** Null: the function broke before it could report any. */
  readonly actions: readonly Action[] | null;
  /** JSON text. */
  readonly output: string | null;
  readonly customStatus: string | null;
  /** Set if user code threw; the actions before that still count. */
  readonly error: string | undefined;
  readonly failureDetails: FailureDetails | null;
}

/** Replay schema V3: one action per yield, compounds nested, long timers known to the SDK. */
const REPLAY_SCHEMA_V3 = 2;
/** A local store can hold any timer, so nothing is ever split into shorter ones. */
const LONGEST_TIMER = "3650.00:00:00";
const OUT_OF_PROC_LABEL = "\n\n$OutOfProcData$:";

/**
 * Runs the orchestrator function over its history. Rejects with HostFailureError only; everything
 * that the app did wrong is part of the state.
 */
export async function callOrchestrator(
  context: EngineContext,
  fn: RegisteredFunction,
  record: InstanceRecord,
  historyTexts: readonly string[],
): Promise<OrchestratorState> {
  const data = { string: orchestratorInput(record, historyTexts, context.httpPollMs) };
  try {
    const { returnValue } = await context.worker.invoke({
      functionName: fn.name,
      invocationId: randomUUID(),
      inputData: [{ name: fn.triggerBindingName, data }],
      triggerMetadata: {},
    });
    return parseState(typedDataToJson(returnValue) ?? "{}");
  } catch (error) {
    if (error instanceof HostFailureError) throw error;
    return stateOfFailure(error instanceof Error ? error.message : String(error));
  }
}

/** Put together from texts: parsing and printing a long history again would cost the most. */
function orchestratorInput(
  record: InstanceRecord,
  historyTexts: readonly string[],
  httpPollMs: number,
): string {
  const rest = JSON.stringify({
    instanceId: record.id,
    isReplaying: false,
    parentInstanceId: record.parent?.OrchestrationInstance.InstanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: REPLAY_SCHEMA_V3,
    maximumShortTimerDuration: LONGEST_TIMER,
    longRunningTimerIntervalDuration: LONGEST_TIMER,
    // The SDK reads exactly this misspelling.
    defaultHttpAsyncRequestSleepTimeMillseconds: httpPollMs,
  });
  return `{"history":[${historyTexts.join(",")}],"input":${record.input ?? "null"},${rest.slice(1)}`;
}

/** A failing orchestrator throws an error whose message ends in the same state as JSON. */
function stateOfFailure(message: string): OrchestratorState {
  const at = message.indexOf(OUT_OF_PROC_LABEL);
  if (at >= 0) {
    const state = parseState(message.slice(at + OUT_OF_PROC_LABEL.length));
    return { ...state, error: state.error ?? "(no message)" };
  }
  return {
    isDone: false,
    actions: null,
    output: null,
    customStatus: null,
    error: message,
    failureDetails: null,
  };
}

interface WireState {
  isDone?: boolean;
  actions?: Action[][];
  output?: unknown;
  customStatus?: unknown;
  error?: string;
  failureDetails?: Partial<FailureDetails>;
}

function parseState(text: string): OrchestratorState {
  const wire = JSON.parse(text) as WireState;
  return {
    isDone: wire.isDone === true,
    actions: (wire.actions ?? []).flat(),
    output: wire.output === undefined ? null : JSON.stringify(wire.output),
    customStatus: wire.customStatus === undefined ? null : JSON.stringify(wire.customStatus),
    error: wire.error,
    failureDetails:
      wire.failureDetails === undefined
        ? null
        : {
            ErrorType: wire.failureDetails.ErrorType ?? "Error",
            ErrorMessage: wire.failureDetails.ErrorMessage ?? "",
            StackTrace: wire.failureDetails.StackTrace ?? null,
            IsNonRetriable: false,
            Properties: wire.failureDetails.Properties ?? null,
            InnerFailure: null,
          },
  };
}
