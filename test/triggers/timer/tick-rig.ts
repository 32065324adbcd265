import { planNextBackup } from "../../../src/activities/plan-next-backup.ts";
import type { ActivityPorts } from "../../../src/activities/ports.ts";
import type { JsonObject } from "../../../src/domain/json.ts";
import type { WorkflowClient, WorkflowStatus } from "../../../src/ports/workflow-client.ts";
import { runScheduleTick } from "../../../src/triggers/timer/schedule-tick.ts";
import type { Life } from "../../activities/mortal.ts";
import { createRig } from "../../activities/rig.ts";

export interface Started {
  readonly id: string;
  readonly dueAt: string;
  readonly missed: number;
  readonly instanceName: string;
}

/** Remembers what was started, as a durable engine does: an id starts once, for ever. */
export function createFakeEngine() {
  const started: Started[] = [];
  const statuses = new Map<string, WorkflowStatus>();
  const client: WorkflowClient = {
    async start(_name, id, input) {
      if (statuses.has(id)) return "exists";
      statuses.set(id, "Running");
      const { trigger, instanceName } = input as { trigger: JsonObject; instanceName: string };
      const { dueAt, missed } = trigger as { dueAt: string; missed: number };
      started.push({ id, dueAt, missed, instanceName });
      return "started";
    },
    status: async (id) => statuses.get(id),
    terminate: async (id) => void statuses.set(id, "Terminated"),
    raiseEvent: async () => undefined,
  };
  return { client, started, statuses };
}

/** A rig with an engine, and ticks of hosts that may have clocks of their own. */
export function createTickRig(startAt?: string) {
  const rig = createRig(startAt);
  const engine = createFakeEngine();
  const tickOver = (ports: ActivityPorts, client = engine.client) =>
    runScheduleTick(
      { ...ports, planNextBackup: (ref, served) => planNextBackup(ports, ref, served) },
      client,
    );
  return {
    ...rig,
    engine,
    dueAts: () => engine.started.map(({ dueAt }) => dueAt),
    /** A tick; of a host whose clock is wrong by `skewMs`; that dies after some store calls. */
    tick(options: { skewMs?: number; life?: Life; client?: WorkflowClient } = {}) {
      const ports = rig.portsWith(options.life);
      const clock = { now: () => rig.clock.now() + (options.skewMs ?? 0) };
      return tickOver({ ...ports, clock }, options.client);
    },
  };
}
