import {
  guardNamePattern,
  locationPattern,
  policyNamePattern,
  resourceGroupPattern,
  resourceIdPattern,
  subscriptionPattern,
  vaultNamePattern,
} from "../../../contract/names.ts";

/** Path templates of Microsoft.DataProtection (arm-contract.md §2.3). */
export const providerPath = "/providers/Microsoft.DataProtection";
export const subscriptionPath = "/subscriptions/{subscriptionId}";
export const groupPath = `${subscriptionPath}/resourceGroups/{resourceGroup}`;
export const vaultPath = `${groupPath}${providerPath}/backupVaults/{vaultName}`;
export const instancePath = `${vaultPath}/backupInstances/{instanceName}`;
export const policyPath = `${vaultPath}/backupPolicies/{policyName}`;
export const deletedInstancePath = `${vaultPath}/deletedBackupInstances/{instanceName}`;
export const guardPath = `${groupPath}${providerPath}/resourceGuards/{guardName}`;
export const proxiesPath = `${vaultPath}/backupResourceGuardProxies`;
export const proxyPath = `${proxiesPath}/{proxyName}`;
export const subscriptionLocationPath = `${subscriptionPath}${providerPath}/locations/{location}`;
export const groupLocationPath = `${groupPath}${providerPath}/locations/{location}`;

/**
 * What may stand in each place of a path. Names become table keys and blob paths, so nothing beyond
 * Azure's own alphabets passes.
 */
export const parameterPatterns: Readonly<Record<string, RegExp>> = {
  subscriptionId: subscriptionPattern,
  resourceGroup: resourceGroupPattern,
  vaultName: vaultNamePattern,
  instanceName: /^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$/,
  policyName: policyNamePattern,
  recoveryPointId: /^[A-Za-z0-9-]{1,64}$/,
  jobId: /^[A-Za-z0-9-]{1,64}$/,
  operationId: /^[A-Za-z0-9+/_=;-]{1,200}$/,
  location: locationPattern,
  guardName: guardNamePattern,
  proxyName: /^[A-Za-z0-9]{1,100}$/,
  requestName: /^[A-Za-z0-9]{1,100}$/,
  guardRequestKind: /^[A-Za-z]{1,100}$/,
  resourceId: resourceIdPattern,
};
