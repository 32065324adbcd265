import type { TokenCredential } from "@azure/core-auth";
import type { EventPublisher } from "../../ports/event-publisher.ts";

export interface EventGridOptions {
  /** Endpoint of a custom topic with input schema CloudEventSchemaV1_0, `https://…/api/events`. */
  readonly topic: string;
  /** Access key of the topic; absent: a token of `credential`, which needs EventGrid Data Sender. */
  readonly key?: string;
  readonly credential: TokenCredential;
  readonly limitMs?: number;
}

const apiVersion = "2018-01-01";
const tokenScope = "https://eventgrid.azure.net/.default";
const defaultLimitMs = 20_000;
/** Of an answer that refuses. */
const quotedChars = 300;

/** Events to an Event Grid custom topic, one request each; the caller's outbox tries again. */
export function createEventGridPublisher(options: EventGridOptions): EventPublisher {
  const url = new URL(options.topic);
  const isLoopback = url.hostname === "127.0.0.1" || url.hostname === "localhost";
  if (url.protocol !== "https:" && !isLoopback) {
    throw new Error(`Event Grid topic '${options.topic}' must be an https URL`);
  }
  url.searchParams.set("api-version", apiVersion);
  return {
    async publish(event) {
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/cloudevents+json; charset=utf-8",
          ...(await authorisation(options)),
        },
        body: JSON.stringify(event),
        redirect: "error",
        signal: AbortSignal.timeout(options.limitMs ?? defaultLimitMs),
      });
      const text = await answer.text();
      if (answer.ok) return;
      const why = `${answer.status} ${text.slice(0, quotedChars)}`;
      throw new Error(`Event Grid topic '${url.host}' refused event ${event.id}: ${why}`);
    },
  };
}

async function authorisation({
  key,
  credential,
}: EventGridOptions): Promise<Record<string, string>> {
  if (key !== undefined) return { "aeg-sas-key": key };
  const token = await credential.getToken(tokenScope);
  if (token === null) throw new Error("No Microsoft Entra token for Event Grid");
  return { authorization: `Bearer ${token.token}` };
}
