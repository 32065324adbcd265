import type { Activity } from "./activity-types.ts";
import { throwFindings } from "./combine-faults.ts";
import { loadInstance, loadPolicy, resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

/** Everything a backup of this instance needs, checked against the real server. */
export const createCheckSource =
  (ports: ActivityPorts): Activity<"checkSource"> =>
  async ({ instance: ref }) => {
    const { value: instance } = await loadInstance(ports, ref);
    await loadPolicy(ports, instance);
    const source = await resolveDatabase(ports, instance.datasource, instance.credentials);
    throwFindings(await ports.servers.checkBackup(source));
    return {};
  };

/** The same for an instance that is not stored (yet). */
export const createCheckDraft =
  (ports: ActivityPorts): Activity<"checkDraft"> =>
  async ({ draft }) => {
    await loadPolicy(ports, draft);
    const source = await resolveDatabase(ports, draft.datasource, draft.credentials);
    throwFindings(await ports.servers.checkBackup(source));
    return {};
  };
