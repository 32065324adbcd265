import type { DurableHttpRequest, DurableHttpResponse } from "./durable-host.ts";
import type { EngineContext } from "./engine-context.ts";
import { signalEntity } from "./entities.ts";
import { formatEntityId, parseEntityId } from "./entity-id.ts";
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
import { parseValue, presentInstant } from "./status-view.ts";

/** `entities`, `entities/{name}`, `entities/{name}/{key}`. */
export function handleEntities(
  context: EngineContext,
  request: DurableHttpRequest,
  [name, key]: readonly string[],
): DurableHttpResponse {
  if (name === undefined || key === undefined) {
    return request.method === "GET"
      ? listEntities(context, request, name)
      : problem(405, "Only GET is allowed on a list of entities.");
  }
  const id = formatEntityId(name, key);
  switch (request.method) {
    case "GET":
      return readEntity(context, id);
    case "POST":
      return signal(context, request, name, id);
    case "DELETE":
      return deleteEntity(context, id);
    default:
      return problem(405, "An entity answers GET, POST and DELETE.");
  }
}

export function deleteEntity({ store }: EngineContext, id: string): DurableHttpResponse {
  return store.transaction(() => {
    if (store.getEntity(id) === undefined) return problem(404, `There is no entity ${id}.`);
    store.deleteEntity(id);
    return json(200, { instancesDeleted: 1 });
  });
}

function readEntity({ store }: EngineContext, id: string): DurableHttpResponse {
  const entity = store.getEntity(id);
  if (entity === undefined || entity.state === null) {
    return problem(404, `Entity ${id} does not exist.`);
  }
  return json(200, parseValue(entity.state));
}

function signal(
  context: EngineContext,
  request: DurableHttpRequest,
  name: string,
  id: string,
): DurableHttpResponse {
  if (context.functions.find("entity", name) === undefined) {
    return problem(400, context.functions.missing("entity", name));
  }
  if (request.body !== "" && !isJson(request.body)) {
    return problem(400, "The body of a signal must be JSON, or empty.");
  }
  const input = request.body === "" ? null : request.body;
  const operation = request.query.get("op") ?? "";
  context.store.transaction(() => signalEntity(context, id, operation, input));
  return empty(202);
}

function listEntities(
  { store }: EngineContext,
  { query, headers }: DurableHttpRequest,
  name: string | undefined,
): DurableHttpResponse {
  const updatedFrom = readInstant(query, "lastOperationTimeFrom");
  const updatedTo = readInstant(query, "lastOperationTimeTo");
  if (updatedFrom === "invalid" || updatedTo === "invalid") {
    return problem(400, "lastOperationTimeFrom and lastOperationTimeTo must be ISO 8601 instants.");
  }
  const top = readTop(query);
  const withState = readFlag(query, "fetchState", false);
  const found = store.listEntities({
    ...(name === undefined ? {} : { name }),
    ...(updatedFrom === undefined ? {} : { updatedFrom }),
    ...(updatedTo === undefined ? {} : { updatedTo }),
    afterId: readContinuation(headers),
    limit: top + 1,
  });
  const shown = found.slice(0, top).map(({ id, state, updatedAt }) => ({
    entityId: parseEntityId(id),
    lastOperationTime: presentInstant(updatedAt),
    ...(withState ? { state: parseValue(state) } : {}),
  }));
  return page(shown, found.length > top ? found[top - 1]?.id : undefined);
}
