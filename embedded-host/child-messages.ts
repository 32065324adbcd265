/** What supervisor and host child tell each other over IPC. */
export type ChildMessage =
  | { readonly type: "ready"; readonly ready: ReadyHost }
  | { readonly type: "unusable"; readonly message: string }
  | { readonly type: "heartbeat" };

export type SupervisorMessage = { readonly type: "stop"; readonly graceMs: number };

export interface ReadyHost {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly functionTimeoutMs: number | null;
}

/** The event loop of a child is taken for blocked when heartbeats stay away for long. */
export const HEARTBEAT_MS = 1_000;

export function isChildMessage(value: unknown): value is ChildMessage {
  return hasType(value, ["ready", "unusable", "heartbeat"]);
}

export function isSupervisorMessage(value: unknown): value is SupervisorMessage {
  return hasType(value, ["stop"]);
}

function hasType(value: unknown, types: readonly string[]): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    types.includes(String(value.type))
  );
}
