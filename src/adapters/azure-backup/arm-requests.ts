import { createHttpPoller, type OperationResponse, type OperationState } from "@azure/core-lro";
import type { RestError } from "@azure/core-rest-pipeline";
import {
  type Client,
  createRestError,
  getClient,
  type PathUncheckedResponse,
} from "@azure-rest/core-client";
import type { JsonObject } from "../../domain/json.ts";
import type { LroOptions, Paged, Poller } from "./models.ts";

export interface ArmConnection {
  /** Such as `https://management.azure.com`, or where pgvault listens. */
  readonly endpoint: string;
  readonly apiVersion: string;
  /** A fresh bearer token for each request. */
  readonly token: () => Promise<string>;
  /** Further trusted certificates, PEM: a local host signs its own. */
  readonly certificateAuthority?: string;
}

export type Method = "GET" | "PUT" | "POST" | "PATCH" | "DELETE";

export interface LroRequest<T> extends LroOptions {
  readonly method: Method;
  readonly path: string;
  readonly body?: JsonObject | undefined;
  /** Statuses that the SDK accepts in this operation, first answer, polls and result alike. */
  readonly accepts: readonly number[];
  /** Where the result is: after a POST at Location, else at the resource itself. */
  readonly resultAt?: "location";
  readonly read: (body: unknown) => T;
}

/** ARM's conventions over one client: plain requests, pages and pollers. */
export interface ArmRequests {
  send<T>(
    method: Method,
    path: string,
    accepts: readonly number[],
    read: (body: unknown) => T,
    body?: object,
  ): Promise<T>;
  pages<T>(path: string, read: (item: unknown) => T, query?: Record<string, string>): Paged<T>;
  poller<T>(request: LroRequest<T>): Poller<T>;
}

const defaultPollIntervalMs = 2_000;

export function createArmRequests(connection: ArmConnection): ArmRequests {
  const client = openClient(connection);
  const call = async (
    method: Method,
    url: string,
    accepts: readonly number[],
    options: {
      body?: object | undefined;
      query?: Record<string, string>;
      abortSignal?: AbortSignal;
    } = {},
  ): Promise<PathUncheckedResponse> => {
    const answer = await request(client, method, url, {
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.abortSignal === undefined ? {} : { abortSignal: options.abortSignal }),
      contentType: "application/json",
      queryParameters: { ...options.query, ...versionFor(url, connection.apiVersion) },
    });
    if (!accepts.includes(Number(answer.status))) throw errorOf(answer);
    return answer;
  };
  return {
    send: async (method, path, accepts, read, body) =>
      read((await call(method, path, accepts, { body })).body),
    pages: (path, read, query) =>
      paged(
        (url) => call("GET", url, [200], query === undefined || url !== path ? {} : { query }),
        path,
        read,
      ),
    poller: <T>(lro: LroRequest<T>): Poller<T> =>
      createHttpPoller<T, OperationState<T>>(
        {
          sendInitialRequest: async () =>
            flat(
              await call(lro.method, lro.path, lro.accepts, signalOf(lro, { body: lro.body })),
              lro,
            ),
          sendPollRequest: async (url) =>
            flat(await call("GET", url, lro.accepts, signalOf(lro, {})), lro),
        },
        {
          intervalInMs: lro.updateIntervalInMs ?? defaultPollIntervalMs,
          ...(lro.resultAt === undefined ? {} : { resourceLocationConfig: lro.resultAt }),
          processResult: (result) => Promise.resolve(lro.read(result)),
        },
      ),
  };
}

/** Signs each request; a token never leaves for a host that could be listened to. */
function openClient({ endpoint, token, certificateAuthority }: ArmConnection): Client {
  const { protocol, hostname } = new URL(endpoint);
  const isLoopback = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  if (protocol !== "https:" && !isLoopback) {
    throw new Error(`'${endpoint}' is not https: tokens are sent to https or this machine only`);
  }
  const client = getClient(endpoint, {
    allowInsecureConnection: isLoopback,
    ...(certificateAuthority === undefined ? {} : { tlsOptions: { ca: certificateAuthority } }),
  });
  client.pipeline.addPolicy({
    name: "bearerToken",
    async sendRequest(outgoing, next) {
      outgoing.headers.set("authorization", `Bearer ${await token()}`);
      return next(outgoing);
    },
  });
  return client;
}

async function request(
  client: Client,
  method: Method,
  url: string,
  options: Parameters<ReturnType<Client["pathUnchecked"]>["get"]>[0],
): Promise<PathUncheckedResponse> {
  const path = client.pathUnchecked(url);
  switch (method) {
    case "GET":
      return path.get(options);
    case "PUT":
      return path.put(options);
    case "POST":
      return path.post(options);
    case "PATCH":
      return path.patch(options);
    case "DELETE":
      return path.delete(options);
  }
}

/** Poll URLs and links carry their api-version; paths do not. */
const versionFor = (url: string, apiVersion: string): Record<string, string> =>
  /[?&]api-version=/i.test(url) ? {} : { "api-version": apiVersion };

const signalOf = <T extends object>(
  { abortSignal }: LroOptions,
  options: T,
): T & { abortSignal?: AbortSignal } =>
  abortSignal === undefined ? options : { ...options, abortSignal };

const flat = (
  answer: PathUncheckedResponse,
  { method, path }: Pick<LroRequest<unknown>, "method" | "path">,
): OperationResponse => ({
  flatResponse: answer.body,
  rawResponse: {
    statusCode: Number(answer.status),
    headers: answer.headers,
    body: answer.body,
    request: { method, url: path },
  },
});

/** The service's own code and message where it gave them. */
const errorOf = (answer: PathUncheckedResponse): RestError => createRestError(answer);

function paged<T>(
  fetchPage: (url: string) => Promise<PathUncheckedResponse>,
  firstPath: string,
  read: (item: unknown) => T,
): Paged<T> {
  async function* byPage(): AsyncGenerator<readonly T[]> {
    let url: string | undefined = firstPath;
    while (url !== undefined) {
      const page = parsePage((await fetchPage(url)).body);
      yield page.value.map(read);
      url = page.nextLink;
    }
  }
  return {
    byPage,
    async *[Symbol.asyncIterator]() {
      for await (const page of byPage()) yield* page;
    },
  };
}

function parsePage(body: unknown): { value: readonly unknown[]; nextLink?: string } {
  const { value, nextLink } = body as { value?: unknown; nextLink?: unknown };
  if (!Array.isArray(value)) throw new Error("A list without a value array was answered");
  return typeof nextLink === "string" ? { value, nextLink } : { value };
}
