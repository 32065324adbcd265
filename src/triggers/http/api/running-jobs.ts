import { fault } from "../../../domain/fault.ts";
import { isTerminal } from "../../../domain/job.ts";
import type { VaultRef } from "../../../domain/resource-id.ts";
import { refuse } from "./answers.ts";
import type { ApiCall } from "./operation-record.ts";

/** Newest jobs that are looked at; one request to the tables. */
const lookBack = 50;

/**
 * A friendly early refusal when a job of the instance is seen running. The lease that the workflow
 * takes is what really keeps two apart.
 */
export async function requireIdle(
  call: ApiCall,
  vault: VaultRef,
  instanceName: string,
): Promise<void> {
  const { items } = await call.catalog.jobs.list(vault, { limit: lookBack });
  const running = items.find(
    (job) =>
      !isTerminal(job.status) &&
      (job.category === "Backup" || job.category === "Restore") &&
      job.instanceName.toLowerCase() === instanceName.toLowerCase(),
  );
  if (running === undefined) return;
  const detail = `${running.category} job '${running.id}' has not ended.`;
  refuse(fault("UserErrorMaxConcurrentOperationLimitReached", { instance: instanceName, detail }));
}
