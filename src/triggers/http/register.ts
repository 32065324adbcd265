import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import type { WorkflowClient } from "../../ports/workflow-client.ts";
import type { HttpApi } from "./api/api.ts";
import type { AuditEntry } from "./api/operation-record.ts";

export interface HttpRegistration {
  readonly api: HttpApi;
  /** The workflow client of one invocation, over its durable client binding. */
  readonly workflowsOf: (context: InvocationContext) => WorkflowClient;
}

/**
 * One function answers every path: the Functions host ranks overlapping routes by function name,
 * answers 404 to a wrong method and cannot shape errors as ARM does, so the table of operations is
 * our own (api/operations.ts).
 */
export function registerHttp({ api, workflowsOf }: HttpRegistration): void {
  app.http("api", {
    route: "{*path}",
    methods: ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"],
    authLevel: "anonymous",
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
      const { method, url, headers, body } = request;
      const answer = await api({ method, url, headers, body }, workflowsOf(context), (entry) =>
        logRequest(context, entry),
      );
      return {
        status: answer.status,
        headers: { ...answer.headers },
        ...(answer.body === undefined ? {} : { body: answer.body }),
      };
    },
  });
}

/** The audit log: who did what to what, and how it ended; one JSON line for each request. */
function logRequest(context: InvocationContext, { error, ...entry }: AuditEntry): void {
  context.info(JSON.stringify({ event: "ApiRequest", ...entry }));
  if (error !== undefined) {
    context.error(JSON.stringify({ event: "ApiDefect", requestId: entry.requestId, error }));
  }
}
