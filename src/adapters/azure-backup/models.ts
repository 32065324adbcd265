import type { OperationState, PollerLike } from "@azure/core-lro";
import type { JsonObject } from "../../domain/json.ts";

/** Any ARM resource as it is on the wire; `properties` are those of shared arm-contract. */
export interface ArmResource {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: JsonObject;
}

/** What is sent to create or replace a resource. */
export type ResourceInput = Omit<ArmResource, "id" | "name" | "type"> & {
  readonly identity?: JsonObject;
};

export interface OperationJobExtendedInfo {
  readonly objectType?: string;
  /** Full ARM id of the job that the operation started. */
  readonly jobId?: string;
}

export type Poller<T> = PollerLike<OperationState<T>, T>;

/** Items one by one; `byPage` as the service cut them. */
export interface Paged<T> extends AsyncIterable<T> {
  byPage(): AsyncIterable<readonly T[]>;
}

export interface LroOptions {
  /** Wait between polls where the service names none. */
  readonly updateIntervalInMs?: number;
  readonly abortSignal?: AbortSignal;
}
