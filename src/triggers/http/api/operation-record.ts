import type { RequestSchemaName } from "../../../contract/schemas.ts";
import type { Json } from "../../../domain/json.ts";
import type { Authenticator, Principal } from "../../../ports/authenticator.ts";
import type { Catalog } from "../../../ports/catalog.ts";
import type { Clock, IdSource } from "../../../ports/clock.ts";
import type { WriteGrantScript } from "../../../ports/grant-scripts.ts";
import type { WorkflowClient } from "../../../ports/workflow-client.ts";
import type { Links } from "./links.ts";

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

/** One operation of the API: a row of arm-contract.md §2.3. */
export interface ApiOperation {
  /** As the service's own specification names it, such as `BackupVaults_Get`. */
  readonly id: string;
  readonly summary: string;
  readonly method: Method;
  /** Template with `{name}` places; compared without regard to case. */
  readonly path: string;
  /** Further paths that answer alike. */
  readonly aliases?: readonly string[];
  /** Azure RBAC action that the caller's role must hold. */
  readonly permission: string;
  /**
   * `resource` (default): the role must reach the resource in the path. `any`: it may be granted
   * anywhere, because the handler narrows to what the caller may see.
   */
  readonly scope?: "resource" | "any";
  /** Statuses of success; default 200 alone. */
  readonly answers?: readonly number[];
  /** Needs no `api-version`: pages of pgvault's own outside of ARM. */
  readonly unversioned?: boolean;
  /** The body, for the reference; the handler parses with the same schema. */
  readonly body?: BodyDescription;
  handle(call: ApiCall): Promise<ApiResponse>;
}

export const answersOf = (operation: Pick<ApiOperation, "answers">): readonly number[] =>
  operation.answers ?? [200];

export interface BodyDescription {
  readonly schema: RequestSchemaName;
  readonly required: boolean;
}

/** One request on its way through a handler. */
export interface ApiCall extends ApiServices {
  readonly operation: ApiOperation;
  /** Every operation of the API, for those that describe it. */
  readonly operations: readonly ApiOperation[];
  readonly principal: Principal;
  /** Percent-decoded, in the caller's casing; every place of the template is there. */
  param(name: string): string;
  /** Query values by lower-case name. */
  query(name: string): string | undefined;
  /** Parsed JSON; undefined when the body is empty. */
  readonly body: Json | undefined;
  readonly links: Links;
  readonly workflows: WorkflowClient;
  /** Approver of a critical operation, from `x-ms-authorization-auxiliary`. */
  readonly approver?: Principal;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ApiServices {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly settings: ApiSettings;
  readonly writeGrantScript: WriteGrantScript;
}

export interface ApiDeps extends ApiServices {
  readonly authenticator: Authenticator;
  /** Receives every answered request; must not throw. */
  readonly audit?: (entry: AuditEntry) => void;
}

/** Who did what to what, and how it ended. */
export interface AuditEntry {
  readonly requestId: string;
  readonly principal?: string;
  readonly operationId?: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly code?: string;
  readonly durationMs: number;
  /** Text of an unexpected error, for the log only. */
  readonly error?: string;
}

export interface ApiSettings {
  /** Scheme, host and port that clients reach; absent: those of the request. */
  readonly publicBaseUrl?: string;
  /** Sent as `Retry-After` on operations; absent: clients poll at their own pace. */
  readonly retryAfterSeconds?: number;
  /** Items of one page of a list. */
  readonly pageSize: number;
  readonly maxBodyBytes: number;
  /** A body that has not arrived by then is refused. */
  readonly bodyTimeoutMs: number;
  readonly maxPathLength: number;
  readonly maxQueryLength: number;
  /** pgvault's own Microsoft Entra identity, answered as the vault's. */
  readonly identity?: { readonly principalId: string; readonly tenantId: string };
}

export const defaultApiSettings: ApiSettings = {
  retryAfterSeconds: 1,
  pageSize: 100,
  maxBodyBytes: 1024 * 1024,
  bodyTimeoutMs: 30_000,
  maxPathLength: 4096,
  maxQueryLength: 8192,
};
