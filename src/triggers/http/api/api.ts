import { newestApiVersion, parseApiVersion } from "../../../contract/api-version.ts";
import { FaultError, fault, toFault } from "../../../domain/fault.ts";
import type { Principal } from "../../../ports/authenticator.ts";
import type { WorkflowClient } from "../../../ports/workflow-client.ts";
import { errorAnswer, orRefuse, refuse } from "./answers.ts";
import { authenticate, authenticateApprover } from "./authenticate.ts";
import { createLinks } from "./links.ts";
import type {
  ApiCall,
  ApiDeps,
  ApiOperation,
  ApiResponse,
  AuditEntry,
} from "./operation-record.ts";
import { apiOperations } from "./operations.ts";
import { parameterPatterns } from "./paths.ts";
import { forbidden, isAllowed, isAllowedSomewhere } from "./permissions.ts";
import { presentPage, publicPages } from "./public-pages.ts";
import { type BodyStream, readJsonBody } from "./read-body.ts";
import { createRouter, type RouteMatch } from "./router.ts";

/** A request as any HTTP server can give it. */
export interface ApiRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly body?: BodyStream;
}

export type HttpApi = (
  request: ApiRequest,
  workflows: WorkflowClient,
  /** Receives the audit entry of this request; default: the one of the API. */
  audit?: ApiDeps["audit"],
) => Promise<ApiResponse>;

/** The whole API behind one function: it always answers, errors in ARM's shape included. */
export function createHttpApi(deps: ApiDeps): HttpApi {
  const route = createRouter(apiOperations);
  return async (request, workflows, audit = deps.audit) => {
    const startedAt = deps.clock.now();
    const facts: Facts = { requestId: deps.ids.newGuid() };
    const answer = await respond(deps, route, request, workflows, facts);
    const path = request.url.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/\?.*$/s, "");
    audit?.({
      ...facts,
      method: request.method,
      path,
      status: answer.status,
      durationMs: deps.clock.now() - startedAt,
    });
    return {
      ...answer,
      headers: { ...commonHeaders(request, facts.requestId), ...answer.headers },
    };
  };
}

/** What the audit log learns while the request is answered. */
type Facts = { -readonly [K in keyof AuditEntry]?: AuditEntry[K] } & { requestId: string };

async function respond(
  deps: ApiDeps,
  route: ReturnType<typeof createRouter>,
  request: ApiRequest,
  workflows: WorkflowClient,
  facts: Facts,
): Promise<ApiResponse> {
  try {
    const url = readUrl(request.url, deps.settings);
    const page = publicPages.get(url.pathname.toLowerCase());
    if (page !== undefined) return presentPage(page, request.method);
    const principal = await authenticate(deps.authenticator, request.headers);
    facts.principal = principal.name;
    const match = findOperation(route, request.method, url);
    facts.operationId = match.operation.id;
    const call = await openCall(deps, request, workflows, { url, principal, match });
    return await match.operation.handle(call);
  } catch (error) {
    return present(error, facts);
  }
}

function present(error: unknown, facts: Facts): ApiResponse {
  const found = toFault(error);
  facts.code = found.code;
  if (error instanceof FaultError) {
    return errorAnswer(found, found.code === "AuthenticationFailed" ? challenge : {});
  }
  // A bug's own text stays in the log: it may name what callers should not see.
  facts.error = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return errorAnswer(
    fault("InternalError", { detail: `see the log of request ${facts.requestId}` }),
  );
}

const challenge = { "www-authenticate": 'Bearer realm="pgvault"' };

function readUrl(text: string, settings: ApiDeps["settings"]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    return refuse(fault("InvalidRequestContent", { detail: "unreadable URL" }));
  const { maxPathLength, maxQueryLength } = settings;
  return url.pathname.length > maxPathLength || url.search.length > maxQueryLength
    ? refuse(
        fault("InvalidRequestContent", {
          detail: `path or query is longer than ${maxPathLength} or ${maxQueryLength} characters`,
        }),
      )
    : url;
}

function findOperation(
  route: ReturnType<typeof createRouter>,
  method: string,
  url: URL,
): RouteMatch {
  const routing = route(method, decodeSegments(url.pathname));
  if (routing.found === "operation") return routing;
  if (routing.found === "nothing") {
    return refuse(fault("ResourceNotFound", { resource: url.pathname }));
  }
  const allowed = [...new Set(routing.allowed)].join(", ");
  return refuse(fault("MethodNotAllowed", { method, path: url.pathname, allowed }));
}

function decodeSegments(path: string): readonly string[] {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return refuse(fault("InvalidRequestContent", { detail: `path '${path}' is badly encoded` }));
  }
}

interface Opening {
  readonly url: URL;
  readonly principal: Principal;
  readonly match: RouteMatch;
}

async function openCall(
  deps: ApiDeps,
  request: ApiRequest,
  workflows: WorkflowClient,
  { url, principal, match }: Opening,
): Promise<ApiCall> {
  const { operation, params } = match;
  const queries = new Map(
    [...url.searchParams].map(([name, value]) => [name.toLowerCase(), value] as const),
  );
  const apiVersion =
    operation.unversioned === true
      ? newestApiVersion
      : orRefuse(parseApiVersion(queries.get("api-version")));
  authorise(operation, principal, url);
  checkParameters(operation, params);
  const body = await readJsonBody(request.headers, request.body, deps.settings);
  const approver = await authenticateApprover(deps.authenticator, request.headers);
  return {
    catalog: deps.catalog,
    clock: deps.clock,
    ids: deps.ids,
    settings: deps.settings,
    writeGrantScript: deps.writeGrantScript,
    operation,
    operations: apiOperations,
    principal,
    ...(approver === undefined ? {} : { approver }),
    param: (name) => params.get(name) ?? "",
    query: (name) => queries.get(name),
    body,
    links: createLinks(url, apiVersion, deps.settings.publicBaseUrl),
    workflows,
  };
}

function authorise(operation: ApiOperation, principal: Principal, url: URL): void {
  const scope = decodeURIComponent(url.pathname);
  const allowed =
    operation.scope === "any"
      ? isAllowedSomewhere(principal, operation.permission)
      : isAllowed(principal, operation.permission, scope);
  if (!allowed) refuse(forbidden(principal, operation.permission, scope));
}

/** A name outside of Azure's alphabet cannot exist, and must not be created. */
function checkParameters(operation: ApiOperation, params: ReadonlyMap<string, string>): void {
  for (const [name, value] of params) {
    const pattern = parameterPatterns[name];
    if (pattern === undefined || pattern.test(value)) continue;
    if (operation.method === "GET") {
      refuse(fault("UserErrorGenericResourceNotFound", { resource: value.slice(0, 200) }));
    }
    refuse(
      fault(
        "BMSUserErrorInvalidInput",
        { detail: `${name} '${value.slice(0, 200)}' must match ${pattern.source}` },
        { target: name },
      ),
    );
  }
}

const commonHeaders = (request: ApiRequest, requestId: string): Record<string, string> => ({
  "cache-control": "no-cache",
  pragma: "no-cache",
  expires: "-1",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-ms-request-id": requestId,
  "x-ms-correlation-request-id": correlationId(request) ?? requestId,
});

const correlationId = ({ headers }: ApiRequest): string | undefined => {
  const sent = headers.get("x-ms-correlation-request-id") ?? "";
  return /^[0-9A-Za-z-]{1,64}$/.test(sent) ? sent : undefined;
};
