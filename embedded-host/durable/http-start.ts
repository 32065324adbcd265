import type { DurableHttpRequest, DurableHttpResponse } from "./durable-host.ts";
import type { EngineContext } from "./engine-context.ts";
import { isJson, json, problem } from "./http-answers.ts";
import { type Instances, refuseInstanceId } from "./instances.ts";
import { type HubAddress, managementUrls } from "./management-urls.ts";
import { parseValue, presentStatus } from "./status-view.ts";
import type { InstanceRecord } from "./store.ts";

const START_RETRY_AFTER = "10";
/** Longest wait that `timeout` may ask for. */
const MAX_WAIT_SECONDS = 230;

export interface InstanceRoutes {
  readonly context: EngineContext;
  readonly instances: Instances;
  readonly hub: HubAddress;
}

/** `POST orchestrators/{name}[/{id}]`, optionally waiting for the end. */
export async function handleStart(
  { context, instances, hub }: InstanceRoutes,
  request: DurableHttpRequest,
  [name, id]: readonly string[],
): Promise<DurableHttpResponse> {
  if (request.method !== "POST") return problem(405, "Orchestrators answer POST only.");
  if (name === undefined) return problem(404, "The orchestrator's name is missing in the path.");
  const fn = context.functions.find("orchestration", name);
  if (fn === undefined) return problem(400, context.functions.missing("orchestration", name));
  const idProblem = id === undefined ? undefined : refuseInstanceId(id);
  if (idProblem !== undefined) return problem(400, idProblem);
  if (request.body !== "" && !isJson(request.body)) {
    return problem(400, "The input of an orchestration must be JSON, or empty.");
  }
  const waitMs = readWaitMs(request.query);
  if (waitMs === "invalid") return problem(400, "timeout must be a number of seconds.");
  const version = request.query.get("version");
  const started = instances.start(fn.name, {
    input: request.body === "" ? null : request.body,
    ...(id === undefined ? {} : { id }),
    ...(version === null ? {} : { version }),
  });
  if ("alive" in started || waitMs === undefined) {
    return presentStarted(started, request.origin, hub);
  }
  const record = await instances.waitUntilFinished(started.id, waitMs);
  return presentWaited(record) ?? presentStarted(started, request.origin, hub);
}

export function presentStarted(
  started: { id: string } | { alive: InstanceRecord },
  origin: string,
  hub: HubAddress,
): DurableHttpResponse {
  if ("alive" in started) {
    const { id, status } = started.alive;
    return problem(409, `An orchestration instance '${id}' with status ${status} already exists.`);
  }
  const urls = managementUrls(origin, hub, encodeURIComponent(started.id));
  return json(202, urls, { location: urls.statusQueryGetUri, "retry-after": START_RETRY_AFTER });
}

/** Undefined while the instance still runs. */
function presentWaited(record: InstanceRecord | undefined): DurableHttpResponse | undefined {
  switch (record?.status) {
    case "Completed":
      return json(200, parseValue(record.output));
    case "Failed":
      return json(500, presentStatus(record, { showInput: true }));
    case "Terminated":
      return json(200, presentStatus(record, { showInput: true }));
    case undefined:
    case "Pending":
    case "Running":
    case "Suspended":
      return undefined;
  }
}

function readWaitMs(query: URLSearchParams): number | undefined | "invalid" {
  const text = query.get("timeout");
  if (text === null || text === "") return undefined;
  const seconds = Number(text);
  if (!(seconds >= 0)) return "invalid";
  return Math.min(seconds, MAX_WAIT_SECONDS) * 1000;
}
