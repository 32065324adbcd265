import type { WriteLog } from "../core/log.ts";
import type { WorkerPort } from "../core/worker-port.ts";
import type { FunctionIndex } from "./function-index.ts";
import type { EventMessage } from "./history.ts";
import type { DurableStore } from "./store.ts";

/** Asks for work to be done soon; all are safe inside a transaction and safe to repeat. */
export interface Wakeups {
  /** An instance or entity id that has a message. */
  recipient(id: string): void;
  activity(id: number): void;
  /** A message becomes visible at this instant. */
  at(visibleAt: number): void;
  /** After a failure of the host: the same work again, a little later. */
  retryLater(wake: () => void): void;
  /** The instance has just ended. */
  finished(instanceId: string): void;
}

/** What the parts of the engine share. */
export interface EngineContext {
  readonly store: DurableStore;
  readonly worker: WorkerPort;
  readonly functions: FunctionIndex;
  readonly wakeups: Wakeups;
  readonly log: WriteLog;
  readonly httpPollMs: number;
  readonly maxEntityOperationBatchSize: number;
  readonly now: () => number;
  /** Once true, nothing may touch the store any more. */
  readonly isStopped: () => boolean;
}

/** Puts a message into an inbox and wakes the recipient when it becomes visible. */
export function send(
  { store, wakeups, now }: EngineContext,
  recipient: string,
  executionId: string | null,
  message: EventMessage | Readonly<Record<string, unknown>>,
  visibleAt = now(),
): void {
  store.addMessage(recipient, executionId, visibleAt, message);
  if (visibleAt <= now()) wakeups.recipient(recipient);
  else wakeups.at(visibleAt);
}
