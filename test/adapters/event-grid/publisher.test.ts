import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEventGridPublisher } from "../../../src/adapters/event-grid/publisher.ts";
import type { VaultEvent } from "../../../src/domain/vault-event.ts";

const event: VaultEvent = {
  specversion: "1.0",
  id: "id-1",
  source: "/vaults/v",
  type: "Pgvault.BackupInstance.ProtectionErrorRaised",
  subject: "/vaults/v/backupInstances/ü",
  time: "2026-11-21T00:00:00.000Z",
  datacontenttype: "application/json",
  data: { currentProtectionState: "ProtectionError" },
};

let server: Server;
let topic: string;
let answer: { status: number; body?: string; headers?: Record<string, string> };
let requests: { url?: string | undefined; headers: IncomingHttpHeaders; body: string }[];

beforeEach(async () => {
  answer = { status: 200 };
  requests = [];
  server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ url: request.url, headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  topic = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const scopes: unknown[] = [];
const credential = {
  getToken: async (scope: string | string[]) => {
    scopes.push(scope);
    return { token: "entra-token", expiresOnTimestamp: 0 };
  },
};

test("an event goes to the topic as one CloudEvent, with the topic's key", async () => {
  await createEventGridPublisher({ topic, key: "key-1", credential }).publish(event);
  expect(requests).toHaveLength(1);
  const [{ url, headers, body } = requests[0]!] = requests;
  expect(url).toBe("/api/events?api-version=2018-01-01");
  expect(headers["content-type"]).toMatch(/^application\/cloudevents\+json/);
  expect(headers["aeg-sas-key"]).toBe("key-1");
  expect(headers.authorization).toBeUndefined();
  expect(JSON.parse(body)).toEqual(event);
});

test("without key it goes with a token of the managed identity", async () => {
  await createEventGridPublisher({ topic, credential }).publish(event);
  expect(requests[0]?.headers.authorization).toBe("Bearer entra-token");
  expect(scopes).toEqual(["https://eventgrid.azure.net/.default"]);
});

test.each([401, 413, 500])("a topic that answers %i has not taken it on", async (status) => {
  answer = { status, body: "no" };
  const publisher = createEventGridPublisher({ topic, key: "key-1", credential });
  await expect(publisher.publish(event)).rejects.toThrow(new RegExp(`id-1: ${status} no`));
});

test("a redirect is not followed, so that the key stays with the topic", async () => {
  answer = { status: 307, headers: { location: `${topic}/elsewhere` } };
  const publisher = createEventGridPublisher({ topic, key: "key-1", credential });
  await expect(publisher.publish(event)).rejects.toThrow();
  expect(requests).toHaveLength(1);
});

test("a topic that does not answer in time has not taken it on", async () => {
  server.removeAllListeners("request");
  const publisher = createEventGridPublisher({ topic, key: "k", credential, limitMs: 100 });
  await expect(publisher.publish(event)).rejects.toThrow(/timeout|aborted/i);
});

test("a topic over plain http is refused, unless it is on this machine", () => {
  expect(() =>
    createEventGridPublisher({ topic: "http://topic.example/api/events", credential }),
  ).toThrow(/https/);
});
