/** Where the HTTP server mounts the public durable API. */
export const DURABLE_WEBHOOK_PATH = "/runtime/webhooks/durabletask";

export interface HubAddress {
  readonly hubName: string;
  readonly systemKey: string;
}

/** Management links of one instance, in the names that clients of Durable Functions know. */
export function managementUrls(origin: string, hub: HubAddress, instanceId: string) {
  const instance = `${origin}${DURABLE_WEBHOOK_PATH}/instances/${instanceId}`;
  const query = requiredQuery(hub);
  const post = (operation: string) => `${instance}/${operation}?reason={text}&${query}`;
  return {
    id: decodeURIComponent(instanceId),
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: post("terminate"),
    rewindPostUri: post("rewind"),
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: post("suspend"),
    resumePostUri: post("resume"),
  };
}

export function creationUrls(origin: string, hub: HubAddress) {
  const start = `${origin}${DURABLE_WEBHOOK_PATH}/orchestrators/{functionName}[/{instanceId}]`;
  const code = codeQuery(hub);
  return {
    createNewInstancePostUri: `${start}?${code}`,
    createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
  };
}

export function codeQuery({ systemKey }: HubAddress): string {
  return `code=${encodeURIComponent(systemKey)}`;
}

function requiredQuery(hub: HubAddress): string {
  return `taskHub=${hub.hubName}&connection=Storage&${codeQuery(hub)}`;
}
