import type { EventMessage, ParentInstance } from "./history.ts";

export type RuntimeStatus =
  | "Pending"
  | "Running"
  | "Suspended"
  | "Completed"
  | "Failed"
  | "Terminated";

/** One orchestration instance. Input, output and custom status are JSON text; instants are epoch ms. */
export interface InstanceRecord {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Changes with every generation (continue-as-new). */
  readonly executionId: string;
  readonly parent: ParentInstance | null;
  readonly status: RuntimeStatus;
  readonly input: string | null;
  readonly output: string | null;
  readonly customStatus: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `text` is the message as JSON: an EventMessage or a control or entity message. */
export interface InboxMessage {
  readonly id: number;
  /** Null: meant for whatever execution is current. */
  readonly executionId: string | null;
  readonly text: string;
}

export interface ActivityRecord {
  readonly id: number;
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
  readonly name: string;
  readonly input: string | null;
}

export interface EntityRecord {
  /** `@name@key`, name in lower case. */
  readonly id: string;
  readonly state: string | null;
  readonly updatedAt: number;
}

export interface InstanceFilter {
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly statuses?: readonly string[];
  readonly idPrefix?: string;
  /** Page: ids greater than this one, in id order. */
  readonly afterId?: string;
  readonly limit: number;
}

export interface EntityFilter {
  readonly name?: string;
  readonly updatedFrom?: number;
  readonly updatedTo?: number;
  readonly afterId?: string;
  readonly limit: number;
}

/**
 * Everything durable. All methods are synchronous: a transaction holds no `await`, so an episode
 * is one atomic step and needs neither leases nor deduplication. Methods throw only if the storage
 * itself fails, which is fatal for the host.
 */
export interface DurableStore {
  /** Atomic; rolls back and rethrows if `work` throws. Does not nest. */
  transaction<T>(work: () => T): T;

  getInstance(id: string): InstanceRecord | undefined;
  putInstance(record: InstanceRecord): void;
  listInstances(filter: InstanceFilter): readonly InstanceRecord[];
  /** With its history, inbox and activities. */
  deleteInstance(id: string): void;

  /** Event texts in order. */
  readHistory(instanceId: string): readonly string[];
  /** `position` = number of events already there. */
  appendHistory(instanceId: string, position: number, events: readonly string[]): void;
  clearHistory(instanceId: string): void;

  /** `recipient` is an instance id or an entity id. */
  addMessage(
    recipient: string,
    executionId: string | null,
    visibleAt: number,
    message: EventMessage | Readonly<Record<string, unknown>>,
  ): void;
  /** In order of visibility, then arrival. */
  dueMessages(recipient: string, nowMs: number): readonly InboxMessage[];
  deleteMessages(ids: readonly number[]): void;
  deleteMessagesOf(recipient: string, executionId?: string): void;
  dueRecipients(nowMs: number): readonly string[];
  /** Earliest visibility after `nowMs`. */
  nextVisibleAt(nowMs: number): number | undefined;

  addActivity(activity: Omit<ActivityRecord, "id">): number;
  getActivity(id: number): ActivityRecord | undefined;
  activityIds(): readonly number[];
  deleteActivity(id: number): void;
  deleteActivitiesOf(instanceId: string): void;

  getEntity(id: string): EntityRecord | undefined;
  putEntity(record: EntityRecord): void;
  deleteEntity(id: string): void;
  listEntities(filter: EntityFilter): readonly EntityRecord[];

  close(): void;
}

export function isFinished(status: RuntimeStatus): boolean {
  return status === "Completed" || status === "Failed" || status === "Terminated";
}
