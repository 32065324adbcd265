import type { JsonObject } from "../../domain/json.ts";
import { type ArmConnection, type ArmRequests, createArmRequests } from "./arm-requests.ts";
import type { AzureBackup, InstanceAction, InstanceRequest } from "./azure-backup.ts";
import type { ArmResource, LroOptions, OperationJobExtendedInfo } from "./models.ts";

export interface AzureBackupOptions extends Omit<ArmConnection, "apiVersion"> {
  readonly subscriptionId: string;
  readonly apiVersion?: string;
}

const defaultApiVersion = "2025-07-01";
/** Statuses that `@azure/arm-dataprotection` accepts (arm-contract.md §2.3, "JS ok"). */
const put = [200, 201, 202];
const remove = [200, 202, 204];
const action = [200, 202, 201];

/** pgvault's own client of Microsoft.DataProtection, in the shapes of the Azure SDK. */
export function createAzureBackup(options: AzureBackupOptions): AzureBackup {
  const requests = createArmRequests({
    ...options,
    apiVersion: options.apiVersion ?? defaultApiVersion,
  });
  const paths = createPaths(options.subscriptionId);
  return {
    backupVaults: vaultOperations(requests, paths),
    backupPolicies: policyOperations(requests, paths),
    backupInstances: instanceOperations(requests, paths),
    deletedBackupInstances: {
      get: (group, vault, name) =>
        requests.send("GET", paths.deleted(group, vault, name), [200], readResource),
      list: (group, vault) =>
        requests.pages(`${paths.vault(group, vault)}/deletedBackupInstances`, readResource),
      undelete: (group, vault, name, lro) =>
        post(requests, `${paths.deleted(group, vault, name)}/undelete`, lro),
    },
    recoveryPoints: {
      get: (group, vault, name, point) => {
        const path = `${paths.instance(group, vault, name)}/recoveryPoints/${segment(point)}`;
        return requests.send("GET", path, [200], readResource);
      },
      list: (group, vault, name, listing) =>
        requests.pages(`${paths.instance(group, vault, name)}/recoveryPoints`, readResource, {
          $filter: listing?.filter ?? "",
        }),
    },
    jobs: {
      get: (group, vault, id) => {
        const path = `${paths.vault(group, vault)}/backupJobs/${segment(id)}`;
        return requests.send("GET", path, [200], readResource);
      },
      list: (group, vault) =>
        requests.pages(`${paths.vault(group, vault)}/backupJobs`, readResource),
    },
  };
}

const vaultOperations = (requests: ArmRequests, paths: Paths): AzureBackup["backupVaults"] => ({
  createOrUpdate: (group, vault, parameters, lro) =>
    requests.poller({
      ...lro,
      method: "PUT",
      path: paths.vault(group, vault),
      body: { ...parameters },
      accepts: put,
      read: readResource,
    }),
  update: (group, vault, parameters, lro) =>
    requests.poller({
      ...lro,
      method: "PATCH",
      path: paths.vault(group, vault),
      body: parameters,
      accepts: action,
      resultAt: "location",
      read: readResource,
    }),
  get: (group, vault) => requests.send("GET", paths.vault(group, vault), [200], readResource),
  delete: (group, vault, lro) =>
    requests.poller({
      ...lro,
      method: "DELETE",
      path: paths.vault(group, vault),
      accepts: remove,
      resultAt: "location",
      read: () => undefined,
    }),
  listInResourceGroup: (group) =>
    requests.pages(`${paths.group(group)}/backupVaults`, readResource),
  listInSubscription: () => requests.pages(`${paths.subscription}/backupVaults`, readResource),
});

const policyOperations = (requests: ArmRequests, paths: Paths): AzureBackup["backupPolicies"] => ({
  createOrUpdate: (group, vault, policy, parameters) =>
    requests.send("PUT", paths.policy(group, vault, policy), [200], readResource, parameters),
  get: (group, vault, policy) =>
    requests.send("GET", paths.policy(group, vault, policy), [200], readResource),
  delete: (group, vault, policy) =>
    requests.send("DELETE", paths.policy(group, vault, policy), [200, 204], () => undefined),
  list: (group, vault) =>
    requests.pages(`${paths.vault(group, vault)}/backupPolicies`, readResource),
});

function instanceOperations(requests: ArmRequests, paths: Paths): AzureBackup["backupInstances"] {
  const bare =
    (name: string): InstanceAction =>
    (group, vault, instance, lro) =>
      post(requests, `${paths.instance(group, vault, instance)}/${name}`, lro, lro?.parameters);
  const withBody =
    (name: string, accepts: readonly number[] = action): InstanceRequest =>
    (group, vault, instance, parameters, lro) =>
      post(requests, `${paths.instance(group, vault, instance)}/${name}`, lro, parameters, accepts);
  return {
    createOrUpdate: (group, vault, instance, parameters, lro) =>
      requests.poller({
        ...lro,
        method: "PUT",
        path: paths.instance(group, vault, instance),
        body: { ...parameters },
        accepts: put,
        read: readResource,
      }),
    get: (group, vault, instance) =>
      requests.send("GET", paths.instance(group, vault, instance), [200], readResource),
    delete: (group, vault, instance, lro) =>
      requests.poller({
        ...lro,
        method: "DELETE",
        path: paths.instance(group, vault, instance),
        accepts: remove,
        resultAt: "location",
        read: () => undefined,
      }),
    list: (group, vault) =>
      requests.pages(`${paths.vault(group, vault)}/backupInstances`, readResource),
    validateForBackup: (group, vault, parameters, lro) =>
      post(requests, `${paths.vault(group, vault)}/validateForBackup`, lro, parameters),
    validateForModifyBackup: withBody("validateForModifyBackup"),
    adhocBackup: withBody("backup"),
    validateForRestore: withBody("validateRestore"),
    triggerRestore: withBody("restore"),
    triggerRehydrate: withBody("rehydrate", [202, 204, 200, 201]),
    syncBackupInstance: withBody("sync"),
    stopProtection: bare("stopProtection"),
    suspendBackups: bare("suspendBackups"),
    resumeBackups: bare("resumeBackups"),
    resumeProtection: bare("resumeProtection"),
  };
}

const post = (
  requests: ArmRequests,
  path: string,
  options: LroOptions | undefined,
  body?: JsonObject,
  accepts: readonly number[] = action,
) =>
  requests.poller<OperationJobExtendedInfo>({
    ...options,
    method: "POST",
    path,
    body,
    accepts,
    resultAt: "location",
    read: parseJobInfo,
  });

interface Paths {
  readonly subscription: string;
  group(group: string): string;
  vault(group: string, vault: string): string;
  policy(group: string, vault: string, policy: string): string;
  instance(group: string, vault: string, instance: string): string;
  deleted(group: string, vault: string, instance: string): string;
}

function createPaths(subscriptionId: string): Paths {
  const root = `/subscriptions/${segment(subscriptionId)}`;
  const provider = "providers/Microsoft.DataProtection";
  const group = (name: string) => `${root}/resourceGroups/${segment(name)}/${provider}`;
  const vault = (groupName: string, name: string) =>
    `${group(groupName)}/backupVaults/${segment(name)}`;
  return {
    subscription: `${root}/${provider}`,
    group,
    vault,
    policy: (g, v, name) => `${vault(g, v)}/backupPolicies/${segment(name)}`,
    instance: (g, v, name) => `${vault(g, v)}/backupInstances/${segment(name)}`,
    deleted: (g, v, name) => `${vault(g, v)}/deletedBackupInstances/${segment(name)}`,
  };
}

const segment = (name: string): string => encodeURIComponent(name);

/** Bodies are the service's own; their shapes are its contract. */
function readResource(body: unknown): ArmResource {
  if (typeof body !== "object" || body === null || !("properties" in body)) {
    throw new Error("An answer without properties came where a resource belongs");
  }
  return parseResource(body);
}

const parseResource = (body: object): ArmResource => body as ArmResource;

function parseJobInfo(body: unknown): OperationJobExtendedInfo {
  if (typeof body !== "object" || body === null) return {};
  const { objectType, jobId } = body as { objectType?: unknown; jobId?: unknown };
  return {
    ...(typeof objectType === "string" ? { objectType } : {}),
    ...(typeof jobId === "string" ? { jobId } : {}),
  };
}
