import { randomUUID } from "node:crypto";
import { HostFailureError } from "../core/host-failure.ts";
import { typedDataToJson } from "../core/typed-data.ts";
import type { RegisteredFunction } from "../core/worker-port.ts";
import { type EngineContext, send } from "./engine-context.ts";
import { formatEntityId, parseEntityId } from "./entity-id.ts";
import { EventType } from "./history.ts";
import type { EntityRecord } from "./store.ts";

/** An operation on its way to an entity, in the field names of the wire format. */
export interface EntityRequest {
  readonly op: string;
  readonly signal?: boolean;
  /** JSON text. */
  readonly input?: string;
  readonly id: string;
  /** Who waits for the answer; a signal has nobody. */
  readonly parent?: string;
  readonly parentExecution?: string;
}

interface OperationResult {
  readonly isError: boolean;
  /** JSON text. */
  readonly result?: string;
}

interface BatchResult {
  readonly entityExists: boolean;
  readonly entityState?: string | null;
  readonly results: readonly OperationResult[];
  readonly signals: readonly {
    readonly target: { readonly name: string; readonly key: string };
    readonly name: string;
    /** JSON text or empty. */
    readonly input: string;
  }[];
}

/**
 * Runs the due operations of one entity as a batch and commits state, answers and signals in one
 * transaction. The caller never runs one entity twice at once, so operations are strictly serial.
 */
export async function runEntityBatch(context: EngineContext, entityId: string): Promise<void> {
  const { store, now, wakeups, functions, maxEntityOperationBatchSize } = context;
  const due = store.dueMessages(entityId, now());
  const taken = due.slice(0, maxEntityOperationBatchSize);
  if (taken.length === 0) return;
  const requests = taken.map(({ text }) => parseRequest(text));
  const before = store.getEntity(entityId);
  const { name } = parseEntityId(entityId);
  const fn = functions.find("entity", name);
  let result: BatchResult;
  try {
    if (fn === undefined) throw new Error(functions.missing("entity", name));
    result = await callEntity(context, fn, entityId, before, requests);
  } catch (error) {
    if (error instanceof HostFailureError) {
      wakeups.retryLater(() => wakeups.recipient(entityId));
      return;
    }
    context.log({
      level: "error",
      category: "system",
      message: `Entity ${entityId} failed a batch of ${requests.length}: ${String(error)}`,
    });
    result = everyOperationFailed(before, requests, error);
  }
  if (context.isStopped()) return;
  store.transaction(() => {
    store.deleteMessages(taken.map(({ id }) => id));
    saveState(context, entityId, result);
    for (const [index, request] of requests.entries()) {
      answer(context, request, result.results[index]);
    }
    for (const signal of result.signals) sendSignal(context, signal);
  });
  if (due.length > taken.length) wakeups.recipient(entityId);
}

/** Puts a signal into the entity's inbox. Call inside a transaction. */
export function signalEntity(
  context: EngineContext,
  entityId: string,
  operation: string,
  inputText: string | null,
): void {
  const input = inputText === null ? {} : { input: inputText };
  send(context, entityId, null, { op: operation, signal: true, ...input, id: randomUUID() });
}

async function callEntity(
  { worker }: EngineContext,
  fn: RegisteredFunction,
  entityId: string,
  before: EntityRecord | undefined,
  requests: readonly EntityRequest[],
): Promise<BatchResult> {
  const batch = requests.map(({ op, signal, input, id }) => ({
    id,
    name: op,
    input: input ?? null,
    isSignal: signal === true,
  }));
  const self = parseEntityId(entityId);
  const exists = before !== undefined;
  const text = JSON.stringify({ self, exists, state: before?.state ?? null, batch });
  const { returnValue } = await worker.invoke({
    functionName: fn.name,
    invocationId: randomUUID(),
    inputData: [{ name: fn.triggerBindingName, data: { string: text } }],
    triggerMetadata: {},
  });
  return parseBatchResult(typedDataToJson(returnValue) ?? "{}");
}

function saveState(
  { store, now }: EngineContext,
  id: string,
  { entityExists, entityState }: BatchResult,
): void {
  if (entityExists) store.putEntity({ id, state: entityState ?? null, updatedAt: now() });
  else store.deleteEntity(id);
}

/** The answer is an event named by the request id: that is what the SDK waits for. */
function answer(
  context: EngineContext,
  request: EntityRequest,
  outcome: OperationResult | undefined,
): void {
  if (request.signal === true || request.parent === undefined) return;
  const response = {
    ...(outcome?.result === undefined ? {} : { result: outcome.result }),
    ...(outcome?.isError === true ? { exceptionType: "Error" } : {}),
  };
  send(context, request.parent, request.parentExecution ?? null, {
    EventType: EventType.EventRaised,
    Name: request.id,
    Input: JSON.stringify(response),
  });
}

function sendSignal(
  context: EngineContext,
  { target, name, input }: BatchResult["signals"][number],
): void {
  if (context.functions.find("entity", target.name) === undefined) {
    const message = `A signal was dropped. ${context.functions.missing("entity", target.name)}`;
    context.log({ level: "error", category: "system", message });
    return;
  }
  const entityId = formatEntityId(target.name, target.key);
  signalEntity(context, entityId, name, input === "" ? null : input);
}

function everyOperationFailed(
  before: EntityRecord | undefined,
  requests: readonly EntityRequest[],
  error: unknown,
): BatchResult {
  const text = JSON.stringify(error instanceof Error ? error.message : String(error));
  return {
    entityExists: before !== undefined,
    entityState: before?.state ?? null,
    results: requests.map(() => ({ isError: true, result: text })),
    signals: [],
  };
}

function parseRequest(text: string): EntityRequest {
  return JSON.parse(text) as EntityRequest;
}

function parseBatchResult(text: string): BatchResult {
  const parsed = JSON.parse(text) as Partial<BatchResult>;
  return {
    entityExists: parsed.entityExists === true,
    entityState: parsed.entityState ?? null,
    results: parsed.results ?? [],
    signals: parsed.signals ?? [],
  };
}
