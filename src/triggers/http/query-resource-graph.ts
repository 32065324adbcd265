import { graphRequestSchema } from "../../contract/graph-request.ts";
import { parseGraphQuery } from "../../contract/kql/parse-query.ts";
import { runQuery } from "../../contract/kql/run-query.ts";
import { parseBody } from "../../contract/parse-body.ts";
import { fault } from "../../domain/fault.ts";
import { json, orRefuse, refuse } from "./api/answers.ts";
import { readGraphRows } from "./api/graph-rows.ts";
import type { ApiOperation } from "./api/operation-record.ts";

export const queryResourceGraph: ApiOperation = {
  id: "ResourceGraph_Resources",
  summary: "Answers the Resource Graph queries that az and PowerShell send across vaults.",
  method: "POST",
  path: "/providers/Microsoft.ResourceGraph/resources",
  permission: "Microsoft.DataProtection/backupVaults/read",
  scope: "any",
  body: { schema: "ResourceGraphQueryRequest", required: true },
  async handle(call) {
    const { subscriptions, query, options } = orRefuse(parseBody(graphRequestSchema, call.body));
    const parsed = parseGraphQuery(query);
    const { rows, truncated } = await readGraphRows(call, parsed, subscriptions);
    const found = runQuery(parsed, rows);
    const start = options.$skipToken === undefined ? options.$skip : skipOf(options.$skipToken);
    const end = start + options.$top;
    const data = found.slice(start, end);
    return json(200, {
      totalRecords: found.length,
      count: data.length,
      data,
      facets: [],
      resultTruncated: String(truncated),
      ...(end < found.length ? { $skipToken: tokenOf(end) } : {}),
    });
  },
};

const tokenOf = (skip: number): string => Buffer.from(`skip=${skip}`).toString("base64url");

function skipOf(token: string): number {
  const skip = /^skip=(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString("utf8"))?.[1];
  return skip === undefined
    ? refuse(
        fault("BMSUserErrorInvalidInput", { detail: "$skipToken is not one of this API's own" }),
      )
    : Number(skip);
}
