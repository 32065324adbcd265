import type { WriteLog } from "../core/log.ts";
import type { RegisteredFunction, TypedData } from "../core/worker-port.ts";
import type { InvokeFunction } from "../invocations.ts";
import { describeError, isJsonObject, property } from "../json-file.ts";
import { timerValue } from "../triggers/timer.ts";

export interface AdminRequest {
  readonly method: string;
  /** Below `/admin`, without slashes at its ends, lower case where it is not a name. */
  readonly path: string;
  readonly body: string;
  readonly origin: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly json?: unknown;
}

export interface AdminContext {
  readonly functions: readonly RegisteredFunction[];
  readonly disabledFunctions: readonly RegisteredFunction[];
  readonly invoke: InvokeFunction;
  readonly log: WriteLog;
  readonly hostId: string;
  readonly version: string;
  readonly startedAt: number;
  readonly isStopping: () => boolean;
}

/** The real host's management endpoints that tools and tests use. */
export function handleAdmin(request: AdminRequest, context: AdminContext): AdminAnswer {
  const [area, name, extra] = request.path.split("/").map(decode);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (area?.toLowerCase() === "host" && extra === undefined) {
    if (name?.toLowerCase() === "ping" && (isRead || request.method === "POST")) {
      return { status: 200 };
    }
    if (name?.toLowerCase() === "status" && isRead) return { status: 200, json: status(context) };
  }
  if (area?.toLowerCase() !== "functions" || extra !== undefined) return { status: 404 };
  if (name === undefined) {
    const all = [...context.functions, ...context.disabledFunctions]
      .toSorted((left, right) => (left.name < right.name ? -1 : 1))
      .map((fn) => describe(fn, request, context));
    return isRead ? { status: 200, json: all } : { status: 404 };
  }
  const fn = [...context.functions, ...context.disabledFunctions].find(
    (other) => other.name.toLowerCase() === name.toLowerCase(),
  );
  if (fn === undefined) return { status: 404 };
  if (isRead) return { status: 200, json: describe(fn, request, context) };
  return request.method === "POST" ? run(fn, request, context) : { status: 404 };
}

function status({ hostId, version, startedAt, isStopping }: AdminContext) {
  return {
    id: hostId,
    state: isStopping() ? "Offline" : "Running",
    version,
    versionDetails: version,
    processUptime: Date.now() - startedAt,
  };
}

function describe(fn: RegisteredFunction, { origin }: AdminRequest, context: AdminContext) {
  const isDisabled = context.disabledFunctions.includes(fn);
  return {
    name: fn.name,
    href: `${origin}/admin/functions/${encodeURIComponent(fn.name)}`,
    language: "node",
    isDisabled,
    config: {
      disabled: isDisabled,
      bindings: Object.entries(fn.bindings).map(([name, binding]) => ({ name, ...binding })),
    },
  };
}

/** Starts the function in the background; how it ends is only logged, as in the real host. */
function run(fn: RegisteredFunction, request: AdminRequest, context: AdminContext): AdminAnswer {
  const input = parseInput(request.body);
  if (input === undefined) {
    return { status: 400, json: { error: 'The body must be {"input": "<text>"}.' } };
  }
  const value = triggerValue(fn, input, request.origin);
  if (context.disabledFunctions.includes(fn)) return { status: 404 };
  if (value === undefined) {
    const error = `A function with a "${fn.trigger.type}" cannot be started from here.`;
    return { status: 400, json: { error } };
  }
  context.invoke(fn, value).catch((error: unknown) => {
    context.log({
      level: "error",
      category: "system",
      functionName: fn.name,
      message: `Run started by /admin/functions failed: ${describeError(error)}`,
    });
  });
  return { status: 202 };
}

/** Empty body: empty input. Undefined: not what is expected. */
function parseInput(body: string): string | undefined {
  if (body.trim() === "") return "";
  try {
    const value: unknown = JSON.parse(body);
    const input = isJsonObject(value) ? (property(value, "input") ?? "") : undefined;
    if (input === undefined || typeof input === "string") return input;
    return JSON.stringify(input);
  } catch {
    return undefined;
  }
}

function triggerValue(
  fn: RegisteredFunction,
  input: string,
  origin: string,
): TypedData | undefined {
  switch (fn.trigger.type.toLowerCase()) {
    case "timertrigger":
      return timerValue(undefined, false);
    case "eventgridtrigger":
    case "activitytrigger":
      return { string: input };
    case "httptrigger":
      return {
        http: {
          method: "POST",
          url: `${origin}/admin/functions/${encodeURIComponent(fn.name)}`,
          nullableHeaders: {},
          nullableParams: {},
          nullableQuery: {},
          ...(input === "" ? {} : { body: { string: input } }),
        },
      };
    default:
      return undefined;
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
