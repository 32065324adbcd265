import { setTimeout as sleep } from "node:timers/promises";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when there was no body. */
  readonly body: unknown;
}

export interface ArmErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly ArmErrorBody[] | null;
}

export interface OperationStatus {
  readonly status: string;
  readonly error?: ArmErrorBody;
  readonly properties?: { readonly jobId?: string };
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly status: string;
    readonly operationCategory: string;
    readonly duration: string;
    readonly errorDetails: readonly ArmErrorBody[] | null;
    readonly extendedInfo?: {
      readonly dataTransferredInBytes?: number | null;
      readonly recoveryDestination?: string | null;
      readonly additionalDetails?: Readonly<Record<string, string>> | null;
      readonly subTasks?: readonly {
        readonly taskName: string;
        readonly taskStatus: string;
        readonly taskProgress: string | null;
        readonly additionalDetails?: Readonly<Record<string, string>> | null;
      }[];
    } | null;
  };
}

/** Speaks to the vault as any customer would. */
export interface ArmClient {
  /** One request; any status is an answer. */
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** One request that must succeed (2xx); its body. */
  send<Body>(method: string, path: string, body?: unknown): Promise<Body>;
  /** Starts a long-running operation and polls its status URL to the end, whatever that is. */
  operate(method: string, path: string, body?: unknown): Promise<OperationStatus>;
  /** As `operate`, but rejects unless it succeeded. */
  complete(method: string, path: string, body?: unknown): Promise<OperationStatus>;
  /** Polls the status URL of an operation to its end. */
  followOperation(statusUrl: string): Promise<OperationStatus>;
  /** Reads the job until it has ended. */
  followJob(jobId: string, onProgress?: (job: Job) => void): Promise<Job>;
}

export interface ArmClientOptions {
  readonly baseUrl: string;
  readonly token: string;
  readonly pollMs?: number;
  readonly operationLimitMs?: number;
}

export const apiVersion = "2025-07-01";

const defaultPollMs = 200;
const defaultOperationLimitMs = 30 * 60_000;
const requestLimitMs = 60_000;

/** The request was refused, or its operation failed. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  readonly code: string;
  constructor(what: string, code: string, message: string) {
    super(`${what}: ${code}: ${message}`);
    this.code = code;
  }
}

export function createArmClient(options: ArmClientOptions): ArmClient {
  const pollMs = options.pollMs ?? defaultPollMs;
  const limitMs = options.operationLimitMs ?? defaultOperationLimitMs;

  const request: ArmClient["request"] = async (method, path, body) => {
    const url = new URL(path, options.baseUrl);
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", apiVersion);
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${options.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestLimitMs),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  };

  const send = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const answer = await request(method, path, body);
    if (answer.status >= 300) throw refusal(`${method} ${path}`, answer);
    return parseBody<Body>(answer);
  };

  const operate: ArmClient["operate"] = async (method, path, body) => {
    const first = await request(method, path, body);
    if (first.status >= 300) throw refusal(`${method} ${path}`, first);
    const statusUrl = first.headers.get("azure-asyncoperation");
    if (statusUrl === null) return { status: "Succeeded" };
    return followOperation(statusUrl);
  };

  const followOperation: ArmClient["followOperation"] = (statusUrl) =>
    poll(statusUrl, async () => {
      const status = await send<OperationStatus>("GET", statusUrl);
      return /^inprogress$/i.test(status.status) ? undefined : status;
    });

  const poll = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    const deadlineMs = Date.now() + limitMs;
    while (Date.now() < deadlineMs) {
      const found = await look();
      if (found !== undefined) return found;
      await sleep(pollMs);
    }
    throw new Error(`${what} did not end within ${limitMs / 1000} s.`);
  };

  return {
    request,
    send,
    operate,
    followOperation,
    complete: async (method, path, body) => {
      const status = await operate(method, path, body);
      if (status.status === "Succeeded") return status;
      const { code = "NoCode", message = "no message" } = status.error ?? {};
      throw new ArmError(`${method} ${path} ended ${status.status}`, code, message);
    },
    followJob: (jobId, onProgress) =>
      poll(jobId, async () => {
        const job = await send<Job>("GET", jobId);
        onProgress?.(job);
        return job.properties.status === "InProgress" ? undefined : job;
      }),
  };
}

/** The error object of an answer in ARM's shape. */
export function errorOf(answer: Answer): ArmErrorBody {
  const { error } = parseBody<{ error?: ArmErrorBody } | undefined>(answer) ?? {};
  return error ?? { code: "NoErrorBody", message: JSON.stringify(answer.body) };
}

function refusal(what: string, answer: Answer): ArmError {
  const { code, message } = errorOf(answer);
  return new ArmError(`${what} answered ${answer.status}`, code, message);
}

/** The contract tests check the shapes; here they are believed. */
function parseBody<Body>(answer: Answer): Body {
  return answer.body as Body;
}
