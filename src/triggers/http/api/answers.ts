import { presentError } from "../../../contract/error-body.ts";
import {
  groupStatusPath,
  locationResultPath,
  vaultStatusPath,
} from "../../../contract/operation.ts";
import { type Fault, FaultError, httpStatusOf } from "../../../domain/fault.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { Operation } from "../../../domain/operation.ts";
import type { Result } from "../../../domain/result.ts";
import type { Page } from "../../../ports/catalog.ts";
import type { ApiCall, ApiResponse } from "./operation-record.ts";

type Headers = Readonly<Record<string, string>>;

export const json = (status: number, body: JsonObject, headers: Headers = {}): ApiResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});

export const empty = (status: number, headers: Headers = {}): ApiResponse => ({ status, headers });

export const errorAnswer = (fault: Fault, headers: Headers = {}): ApiResponse =>
  json(httpStatusOf(fault.code), presentError(fault), {
    "x-ms-error-code": fault.code,
    "content-language": "en-US",
    ...headers,
  });

/** One page of a list: `nextLink` only when there is more. */
export const list = <T>(
  call: ApiCall,
  page: Page<T>,
  present: (item: T) => JsonObject,
): ApiResponse =>
  json(200, {
    value: page.items.map(present),
    ...(page.continuation === undefined
      ? {}
      : { nextLink: call.links.nextPage(page.continuation) }),
  });

/** 202 without body: POST and DELETE (arm-contract.md §2.1). */
export const accepted = (
  call: ApiCall,
  operation: Operation,
  resultPath = locationResultPath(operation),
): ApiResponse =>
  empty(202, {
    ...statusHeader(call, operation),
    location: call.links.to(resultPath),
    ...retryAfter(call),
  });

/** 201 or 200 of a PUT with its resource: no Location, as recorded. */
export const created = (
  call: ApiCall,
  status: 200 | 201,
  operation: Operation,
  body: JsonObject,
  headers: Headers = {},
): ApiResponse =>
  json(status, body, { ...statusHeader(call, operation), ...retryAfter(call), ...headers });

export const statusHeader = (call: ApiCall, operation: Operation): Headers => ({
  "azure-asyncoperation": call.links.to(
    operation.kind === "DeleteVault"
      ? groupStatusPath(operation)
      : vaultStatusPath(operation.vault, operation.id),
  ),
});

export const retryAfter = ({ settings }: Pick<ApiCall, "settings">): Headers =>
  settings.retryAfterSeconds === undefined
    ? {}
    : { "retry-after": String(settings.retryAfterSeconds) };

/** The value, or the fault on its way to the error answer. */
export function orRefuse<T>(result: Result<T, Fault>): T {
  if (!result.ok) throw new FaultError(result.error);
  return result.value;
}

export function refuse(fault: Fault): never {
  throw new FaultError(fault);
}
