import { DefaultAzureCredential } from "@azure/identity";
import { createEventGridPublisher } from "../adapters/event-grid/publisher.ts";
import type { EventPublisher } from "../ports/event-publisher.ts";
import type { Config } from "./config.ts";

/** Where events go; undefined when the settings name no topic. */
export function createEventPublisher(config: Config): EventPublisher | undefined {
  const { PGVAULT_EVENT_TOPIC: topic, PGVAULT_EVENT_KEY: key } = config;
  if (topic === undefined) return undefined;
  return createEventGridPublisher({
    topic,
    credential: new DefaultAzureCredential(),
    ...(key === undefined ? {} : { key }),
  });
}
