import type { JsonObject } from "../../domain/json.ts";
import { json } from "./api/answers.ts";
import { createOpenApi } from "./api/openapi.ts";
import { type ApiCall, type ApiOperation, answersOf } from "./api/operation-record.ts";

export const getOpenApi: ApiOperation = {
  id: "Reference_OpenApi",
  summary: "Answers this API's OpenAPI 3.1 document (pgvault extension).",
  method: "GET",
  path: "/openapi.json",
  permission: "Microsoft.DataProtection/operations/read",
  scope: "any",
  unversioned: true,
  handle: async (call) => json(200, documentOf(call)),
};

export const getReferencePage: ApiOperation = {
  id: "Reference_Page",
  summary: "Answers the reference of this API as a page (pgvault extension).",
  method: "GET",
  path: "/reference",
  permission: "Microsoft.DataProtection/operations/read",
  scope: "any",
  unversioned: true,
  handle: async (call) => ({
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    },
    body: pageOf(call.operations),
  }),
};

const documents = new WeakMap<readonly ApiOperation[], JsonObject>();

/** Made once: the operations never change while the process lives. */
function documentOf({ operations }: ApiCall): JsonObject {
  const made = documents.get(operations) ?? createOpenApi(operations);
  documents.set(operations, made);
  return made;
}

const pageOf = (operations: readonly ApiOperation[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>pgvault API reference</title>
<style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}
code{overflow-wrap:anywhere}section{border-top:1px solid #ccc;padding:.5rem 0}b{display:inline-block;min-width:4.5rem}</style>
</head>
<body>
<h1>pgvault API reference</h1>
<p>Every request carries <code>Authorization: Bearer TOKEN</code> and <code>api-version</code>. The schemas are in <code>/openapi.json</code>.</p>
${operations.map(sectionOf).join("\n")}
</body>
</html>
`;

const sectionOf = (operation: ApiOperation): string => `<section id="${escape(operation.id)}">
<h2>${escape(operation.id)}</h2>
<p>${escape(operation.summary)}</p>
${[operation.path, ...(operation.aliases ?? [])].map((path) => `<p><b>${operation.method}</b><code>${escape(path)}</code></p>`).join("\n")}
<p>Action <code>${escape(operation.permission)}</code>${operation.body === undefined ? "" : `; body <code>${escape(operation.body.schema)}</code>`}; answers ${answersOf(operation).join(", ")}.</p>
</section>`;

const escape = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
