import type { WriteLog } from "../core/log.ts";
import type { RegisteredFunction } from "../core/worker-port.ts";
import type { InvokeFunction } from "../invocations.ts";
import { describeError, isJsonObject } from "../json-file.ts";

export interface EventGridDelivery {
  readonly functionName: string | null;
  /** Header `aeg-event-type`. */
  readonly eventType: string | undefined;
  readonly body: string;
}

export interface EventGridAnswer {
  readonly status: number;
  readonly body?: string;
}

/**
 * The webhook that an Event Grid subscription of type "Azure Function" posts to. Events of one
 * delivery run in parallel, each in an invocation of its own, unless `cardinality` is `many`.
 */
export async function receiveEventGrid(
  delivery: EventGridDelivery,
  functions: readonly RegisteredFunction[],
  invoke: InvokeFunction,
  log: WriteLog,
): Promise<EventGridAnswer> {
  // Exact: Event Grid is given the name by the platform, never typed by hand.
  const fn = functions.find(
    ({ name, trigger }) =>
      name === delivery.functionName && trigger.type.toLowerCase() === "eventgridtrigger",
  );
  if (fn === undefined) {
    return refuse(404, `There is no Event Grid function named "${delivery.functionName ?? ""}".`);
  }
  switch (delivery.eventType?.toLowerCase()) {
    case "subscriptionvalidation":
      return validateSubscription(delivery.body);
    case "notification":
      return notify(fn, delivery.body, invoke, log);
    case "unsubscribe":
      return { status: 202 };
    default:
      return refuse(400, "Header aeg-event-type is missing or unknown.");
  }
}

function validateSubscription(body: string): EventGridAnswer {
  const [event] = parseEvents(body) ?? [];
  const data = event === undefined ? undefined : parseData(event["data"]);
  const code = isJsonObject(data) ? data["validationCode"] : undefined;
  if (typeof code !== "string") return refuse(400, "The event holds no data.validationCode.");
  return { status: 200, body: JSON.stringify({ validationResponse: code }) };
}

async function notify(
  fn: RegisteredFunction,
  body: string,
  invoke: InvokeFunction,
  log: WriteLog,
): Promise<EventGridAnswer> {
  const events = parseEvents(body);
  if (events === undefined) return refuse(400, "The body must be a JSON object or array of them.");
  const invocations =
    fn.trigger["cardinality"] === "many"
      ? [invoke(fn, { string: JSON.stringify(events) })]
      : events.map((event) =>
          invoke(fn, { string: JSON.stringify(event) }, { triggerMetadata: metadataOf(event) }),
        );
  const outcomes = await Promise.allSettled(invocations);
  const failures = outcomes.filter((outcome) => outcome.status === "rejected");
  for (const { reason } of failures) {
    const message = `Event Grid event failed: ${describeError(reason)}`;
    log({ level: "error", category: "system", functionName: fn.name, message });
  }
  // Event Grid repeats the whole delivery: handlers run at least once.
  return failures.length === 0
    ? { status: 202 }
    : refuse(500, `${failures.length} of ${invocations.length} invocations failed.`);
}

/** The event's top-level fields, as the real host offers them in `context.triggerMetadata`. */
function metadataOf(event: Record<string, unknown>): Record<string, { json: string }> {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, { json: JSON.stringify(value) }]),
  );
}

/** An array (Event Grid schema, or batched CloudEvents) or one object (CloudEvents). */
function parseEvents(body: string): readonly Record<string, unknown>[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const events = Array.isArray(value) ? value : [value];
  return events.length > 0 && events.every(isJsonObject) ? events : undefined;
}

/** CloudEvents deliveries may carry `data` as JSON text. */
function parseData(data: unknown): unknown {
  if (typeof data !== "string") return data;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function refuse(status: number, message: string): EventGridAnswer {
  return { status, body: JSON.stringify({ error: message }) };
}
