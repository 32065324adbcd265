import type { DurableHttpRequest, DurableHttpResponse } from "./durable-host.ts";
import { isEntityId } from "./entity-id.ts";
import { parseEvent } from "./history.ts";
import {
  empty,
  isJson,
  json,
  page,
  problem,
  readContinuation,
  readFlag,
  readInstant,
  readTop,
} from "./http-answers.ts";
import { deleteEntity } from "./http-entities.ts";
import { type InstanceRoutes, presentStarted } from "./http-start.ts";
import type { Accepted } from "./instances.ts";
import { managementUrls } from "./management-urls.ts";
import { presentHistory, presentStatus } from "./status-view.ts";
import { type InstanceFilter, isFinished } from "./store.ts";

/** Seconds after which a client should ask again for a running instance. */
const STATUS_RETRY_AFTER = "5";

/** `instances`, `instances/{id}`, `instances/{id}/{operation}[/{eventName}]`. */
export async function handleInstances(
  routes: InstanceRoutes,
  request: DurableHttpRequest,
  [id, operation, eventName]: readonly string[],
): Promise<DurableHttpResponse> {
  const { method } = request;
  if (id === undefined) {
    if (method === "GET") return listInstances(routes, request);
    if (method === "DELETE") return purgeInstances(routes, request);
    return problem(405, "A list of instances answers GET and DELETE.");
  }
  if (operation === undefined) {
    if (method === "GET") return showStatus(routes, request, id);
    if (method === "DELETE") return purgeInstance(routes, id);
    return problem(405, "An instance answers GET and DELETE.");
  }
  if (method !== "POST") return problem(405, `'${operation}' answers POST only.`);
  return operate(routes, request, id, operation.toLowerCase(), eventName);
}

function operate(
  routes: InstanceRoutes,
  request: DurableHttpRequest,
  id: string,
  operation: string,
  eventName: string | undefined,
): DurableHttpResponse {
  const { instances } = routes;
  const reason = request.query.get("reason") ?? "";
  switch (operation) {
    case "raiseevent":
      return raiseEvent(routes, request, id, eventName);
    case "terminate":
      return presentAccepted(id, instances.terminate(id, reason));
    case "suspend":
      return presentAccepted(id, instances.suspend(id, reason));
    case "resume":
      return presentAccepted(id, instances.resume(id, reason));
    case "restart": {
      const withNewId = readFlag(request.query, "restartWithNewInstanceId", true);
      const restarted = instances.restart(id, withNewId);
      if (restarted === "not-found") return presentAccepted(id, restarted);
      return presentStarted(restarted, request.origin, routes.hub);
    }
    case "rewind":
      // Plain text: the SDK puts the body into its error message as it is.
      return {
        status: 501,
        headers: { "content-type": "text/plain" },
        body: "The embedded host cannot rewind. Use restart, which runs the instance anew.",
      };
    default:
      return problem(404, `There is no operation '${operation}' on an instance.`);
  }
}

function raiseEvent(
  { instances }: InstanceRoutes,
  { headers, body }: DurableHttpRequest,
  id: string,
  eventName: string | undefined,
): DurableHttpResponse {
  if (eventName === undefined || eventName === "") {
    return problem(400, "The event name is missing: instances/{id}/raiseEvent/{eventName}.");
  }
  const contentType = Object.entries(headers).find(([h]) => h.toLowerCase() === "content-type");
  if (!contentType?.[1].toLowerCase().startsWith("application/json")) {
    return problem(400, "Only application/json request content is supported.");
  }
  if (!isJson(body)) {
    return problem(400, "The event data is not valid JSON. For an event without data send null.");
  }
  return presentAccepted(id, instances.raiseEvent(id, eventName, body));
}

function presentAccepted(id: string, outcome: Accepted): DurableHttpResponse {
  if (outcome === "accepted") return empty(202);
  if (outcome === "finished") return problem(410, `Instance '${id}' has ended already.`);
  return problem(404, `No instance with ID '${id}' found.`);
}

function showStatus(
  { context, instances, hub }: InstanceRoutes,
  { query, origin }: DurableHttpRequest,
  id: string,
): DurableHttpResponse {
  const record = instances.get(id);
  if (record === undefined) return presentAccepted(id, "not-found");
  const showOutput = readFlag(query, "showHistoryOutput", false);
  const status = presentStatus(record, {
    showInput: readFlag(query, "showInput", true),
    ...(readFlag(query, "showHistory", false)
      ? {
          historyEvents: presentHistory(context.store.readHistory(id).map(parseEvent), showOutput),
        }
      : {}),
  });
  if (!isFinished(record.status)) {
    const location = managementUrls(origin, hub, encodeURIComponent(id)).statusQueryGetUri;
    return json(202, status, { location, "retry-after": STATUS_RETRY_AFTER });
  }
  const failsLoudly = readFlag(query, "returnInternalServerErrorOnFailure", false);
  return json(failsLoudly && record.status === "Failed" ? 500 : 200, status);
}

function listInstances(
  { context }: InstanceRoutes,
  { query, headers }: DurableHttpRequest,
): DurableHttpResponse {
  const filter = readFilter(query);
  if (typeof filter === "string") return problem(400, filter);
  const top = readTop(query);
  const afterId = readContinuation(headers);
  const found = context.store.listInstances({ ...filter, afterId, limit: top + 1 });
  const showInput = readFlag(query, "showInput", true);
  const shown = found.slice(0, top).map((record) => presentStatus(record, { showInput }));
  return page(shown, found.length > top ? found[top - 1]?.id : undefined);
}

async function purgeInstances(
  { instances }: InstanceRoutes,
  { query }: DurableHttpRequest,
): Promise<DurableHttpResponse> {
  const filter = readFilter(query);
  if (typeof filter === "string") return problem(400, filter);
  if (filter.createdFrom === undefined) {
    return problem(400, "A purge by filter needs createdTimeFrom.");
  }
  const instancesDeleted = await instances.purgeBy(filter);
  if (instancesDeleted === 0) return problem(404, "No finished instance matches the filter.");
  return json(200, { instancesDeleted });
}

function purgeInstance({ context, instances }: InstanceRoutes, id: string): DurableHttpResponse {
  if (isEntityId(id)) return deleteEntity(context, id);
  const instancesDeleted = instances.purge(id);
  if (instancesDeleted === "not-found") return presentAccepted(id, "not-found");
  return json(200, { instancesDeleted });
}

function readFilter(query: URLSearchParams): Omit<InstanceFilter, "limit" | "afterId"> | string {
  const createdFrom = readInstant(query, "createdTimeFrom");
  const createdTo = readInstant(query, "createdTimeTo");
  if (createdFrom === "invalid" || createdTo === "invalid") {
    return "createdTimeFrom and createdTimeTo must be ISO 8601 instants.";
  }
  const statuses = (query.get("runtimeStatus") ?? "").split(",").filter((s) => s !== "");
  const idPrefix = query.get("instanceIdPrefix");
  return {
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdTo === undefined ? {} : { createdTo }),
    ...(idPrefix === null ? {} : { idPrefix }),
    statuses,
  };
}
