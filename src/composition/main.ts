import { app } from "@azure/functions";
import * as df from "durable-functions";
import { createActivities } from "../activities/activities.ts";
import type { ActivityName } from "../activities/activity-types.ts";
import { runActivity } from "../activities/run-activity.ts";
import { createWriteGrantScript } from "../activities/write-grant-script.ts";
import { registerDurable } from "../triggers/durable/register.ts";
import { createWorkflowClient } from "../triggers/durable/workflow-client.ts";
import { createHttpApi } from "../triggers/http/api/api.ts";
import { registerHttp } from "../triggers/http/register.ts";
import { registerTimers } from "../triggers/timer/register.ts";
import { apiSettingsOf } from "./api-settings.ts";
import { createAuthenticator } from "./authenticator.ts";
import { readConfig } from "./config.ts";
import { createEventPublisher } from "./events.ts";
import { createPorts } from "./ports.ts";
import { createTicks } from "./ticks.ts";

// The Functions app: settings → ports → activities → triggers. Both hosts load this file.
const config = readConfig();
const ports = createPorts(config);
const activities = createActivities(ports);

app.setup({ enableHttpStream: false });
registerDurable(Object.keys(activities) as ActivityName[], (name, input, onBug) =>
  // The engine hands over what the workflow passed to `call`, typed there.
  runActivity(activities, name, input as never, (_, error) => onBug(error)),
);
registerTimers(createTicks(ports, createEventPublisher(config)));
registerHttp({
  api: createHttpApi({
    catalog: ports.catalog,
    clock: ports.clock,
    ids: ports.ids,
    authenticator: createAuthenticator(config),
    settings: apiSettingsOf(config),
    writeGrantScript: createWriteGrantScript(ports),
  }),
  workflowsOf: (context) => createWorkflowClient(df.getClient(context)),
});
