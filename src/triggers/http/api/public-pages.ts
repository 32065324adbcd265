import { fault } from "../../../domain/fault.ts";
import { json, refuse } from "./answers.ts";
import type { ApiResponse } from "./operation-record.ts";

/** What answers without a token; everything else needs one. */
export const publicPages: ReadonlyMap<string, () => ApiResponse> = new Map([
  ["/healthz", () => json(200, { status: "Healthy" })],
]);

export function presentPage(page: () => ApiResponse, method: string): ApiResponse {
  return method === "GET" || method === "HEAD"
    ? page()
    : refuse(fault("MethodNotAllowed", { method, path: "this page", allowed: "GET" }));
}
