import { serverLabel } from "../domain/connection.ts";
import { isTerminal } from "../domain/job.ts";
import { parseInstanceRef } from "../domain/resource-id.ts";
import { serverLeaseName } from "../domain/vault-paths.ts";
import type { Catalog, DueEntry } from "../ports/catalog.ts";
import type { Activity, ActivityInput, JobRef } from "./activity-types.ts";
import { loadInstance, resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

type SlotPorts = Pick<
  ActivityPorts,
  "catalog" | "leases" | "connections" | "clock" | "settings" | "ids"
>;

/** More dumps than ever wait or run at one time; the queue is read whole. */
const queueLimit = 1_000;
const endOfTime = "2200-01-01T00:00:00.000Z";

/**
 * One of the places that limit how many dumps run against a server, first come first served. The
 * ticket in the queue keeps the order, the lease keeps the limit. Call it again until `slot` is
 * there; `ahead` says how many come first.
 */
export const createTakeDumpSlot =
  (ports: SlotPorts): Activity<"takeDumpSlot"> =>
  async (input) => {
    const server = await serverOf(ports, input);
    await ports.catalog.due.put(ticketOf(input, server));
    const ahead = await countAhead(ports, input, server);
    const places = ports.settings.concurrentDumpsPerServer;
    if (ahead >= places) return { ahead };
    for (let place = 0; place < places; place += 1) {
      const slot = serverLeaseName(server, place);
      if ((await ports.leases.acquire(slot, input.jobId)) === "acquired") return { ahead, slot };
    }
    return { ahead };
  };

/** Gives place and ticket back. Repeatable. */
export const createReleaseDumpSlot =
  (ports: SlotPorts): Activity<"releaseDumpSlot"> =>
  async (input) => {
    if (input.slot !== undefined) await ports.leases.release(input.slot, input.jobId);
    const queue = await ports.catalog.due.upTo("dumpqueue", endOfTime, queueLimit);
    const own = queue.filter((ticket) => ticket.payload["jobId"] === input.jobId);
    for (const ticket of own) await ports.catalog.due.remove(ticket);
    return {};
  };

async function serverOf(ports: SlotPorts, { instance: ref }: JobRef): Promise<string> {
  const { value: instance } = await loadInstance(ports, ref);
  return serverLabel(await resolveDatabase(ports, instance.datasource, instance.credentials));
}

const ticketOf = (
  { instance, jobId, requestedAt }: ActivityInput<"takeDumpSlot">,
  server: string,
): DueEntry => ({
  kind: "dumpqueue",
  at: requestedAt,
  key: `${server}|${jobId}`,
  payload: { ...instance, jobId, server },
});

/**
 * Tickets that come first. Only as many as there are places are looked at closely, those at the head:
 * tickets of jobs that ended without giving theirs back (killed by hand) are swept aside there.
 */
async function countAhead(
  { catalog, settings }: SlotPorts,
  input: ActivityInput<"takeDumpSlot">,
  server: string,
): Promise<number> {
  const queue = await catalog.due.upTo("dumpqueue", endOfTime, queueLimit);
  const ofServer = queue.filter((ticket) => ticket.payload["server"] === server);
  const own = ofServer.findIndex((ticket) => ticket.payload["jobId"] === input.jobId);
  // A ticket beyond the queue's end has all of the queue before it.
  const before = own < 0 ? ofServer : ofServer.slice(0, own);
  let ahead = 0;
  for (const [index, ticket] of before.entries()) {
    if (ahead >= settings.concurrentDumpsPerServer) return ahead + before.length - index;
    if (await isWaiting(catalog, ticket)) ahead += 1;
    else await catalog.due.remove(ticket);
  }
  return ahead;
}

async function isWaiting(catalog: Catalog, { payload }: DueEntry): Promise<boolean> {
  const jobId = payload["jobId"];
  if (typeof jobId !== "string") return false;
  const found = await catalog.jobs.get(parseInstanceRef(payload), jobId);
  return found !== undefined && !isTerminal(found.value.status);
}
