/** Actions as the SDK returns them from an orchestrator (replay schemas V2 and V3). */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
} as const;

export interface RetryPolicy {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
}

export interface DurableHttpCall {
  method: string;
  uri: string;
  content?: string;
  headers?: Record<string, string>;
  tokenSource?: unknown;
  asynchronousPatternEnabled?: boolean;
}

interface ActivityCall {
  functionName: string;
  /** Strings arrive already as JSON text, other values raw. */
  input?: unknown;
}

interface SubOrchestratorCall {
  functionName: string;
  instanceId?: string;
  /** Raw value. */
  input?: unknown;
  version?: string;
}

interface EntityCall {
  /** `@name@key`. */
  instanceId: string;
  operation: string;
  /** Raw value. */
  input?: unknown;
}

export type Action =
  | ({ actionType: typeof ActionType.CallActivity } & ActivityCall)
  | ({
      actionType: typeof ActionType.CallActivityWithRetry;
      retryOptions: RetryPolicy;
    } & ActivityCall)
  | ({ actionType: typeof ActionType.CallSubOrchestrator } & SubOrchestratorCall)
  | ({
      actionType: typeof ActionType.CallSubOrchestratorWithRetry;
      retryOptions: RetryPolicy;
    } & SubOrchestratorCall)
  | { actionType: typeof ActionType.ContinueAsNew; input?: unknown }
  | { actionType: typeof ActionType.CreateTimer; fireAt: string; isCanceled?: boolean }
  | { actionType: typeof ActionType.WaitForExternalEvent; externalEventName: string }
  | ({ actionType: typeof ActionType.CallEntity } & EntityCall)
  | ({ actionType: typeof ActionType.SignalEntity } & EntityCall)
  | { actionType: typeof ActionType.CallHttp; httpRequest: DurableHttpCall }
  | { actionType: typeof ActionType.WhenAny; compoundActions: readonly Action[] }
  | { actionType: typeof ActionType.WhenAll; compoundActions: readonly Action[] };

/** Name under which durable HTTP calls appear in the history, as in the .NET extension. */
export const HTTP_ACTIVITY_NAME = "BuiltIn::HttpActivity";

/** What replay asks the engine to do, with the sequence number the SDK expects. Inputs: JSON text. */
export type ScheduledAction = { readonly id: number } & (
  | { readonly kind: "activity"; readonly name: string; readonly input: string | null }
  | { readonly kind: "timer"; readonly fireAt: string; readonly isCanceled: boolean }
  | {
      readonly kind: "sub-orchestration";
      readonly name: string;
      readonly instanceId: string | undefined;
      readonly version: string;
      readonly input: string | null;
    }
  | {
      readonly kind: "entity-call" | "entity-signal";
      readonly entityId: string;
      readonly operation: string;
      readonly input: string | null;
    }
);

/** JSON text of a raw value; undefined and null are "nothing". */
export function toInputText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** JSON text of a value whose strings the SDK has stringified already. */
export function toPreparedInputText(value: unknown): string | null {
  return typeof value === "string" ? value : toInputText(value);
}
