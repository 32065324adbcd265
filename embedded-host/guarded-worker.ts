import { HostFailureError } from "./core/host-failure.ts";
import type {
  Invocation,
  InvocationResult,
  RegisteredFunction,
  TypedData,
  WorkerPort,
} from "./core/worker-port.ts";

export interface GuardedWorker extends WorkerPort {
  readonly disabledFunctions: readonly RegisteredFunction[];
  /** Fails all running and later invocations, so that whoever can repeats them after a restart. */
  abandon(message: string): void;
}

export interface GuardOptions {
  /** `functionTimeout` of host.json; null for none. */
  readonly timeoutMs: number | null;
  /** In-process code cannot be stopped: the process must end soon after this. */
  readonly onTimeout: (message: string) => void;
  /** A disabled function is not there for triggers, routes and orchestrations. */
  readonly isDisabled: (functionName: string) => boolean;
  /** Value of the `durableClient` inputs, which any function may have. */
  readonly durableClient: () => TypedData;
}

/** A worker whose invocations end: by themselves, by the function timeout, or with the host. */
export function guardWorker(worker: WorkerPort, options: GuardOptions): GuardedWorker {
  const running = new Map<string, (error: HostFailureError) => void>();
  let clientInputs: ReadonlyMap<string, readonly string[]> = new Map();
  let functions: readonly RegisteredFunction[] = [];
  let disabledFunctions: readonly RegisteredFunction[] = [];
  let abandoned: HostFailureError | undefined;

  const invoke = async (invocation: Invocation): Promise<InvocationResult> => {
    if (abandoned !== undefined) throw abandoned;
    const { invocationId, functionName } = invocation;
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    running.set(invocationId, reject);
    const timer = startTimer(options.timeoutMs, (timeoutMs) => {
      const message = `Function "${functionName}" ran into its time limit of ${timeoutMs / 1000} s (functionTimeout in host.json).`;
      reject(new HostFailureError("timeout", message));
      options.onTimeout(message);
    });
    try {
      return await Promise.race([worker.invoke(withClients(invocation)), interrupted]);
    } finally {
      clearTimeout(timer);
      running.delete(invocationId);
    }
  };

  const withClients = (invocation: Invocation): Invocation => {
    const names = clientInputs.get(invocation.functionName) ?? [];
    if (names.length === 0) return invocation;
    const inputs = names.map((name) => ({ name, data: options.durableClient() }));
    return { ...invocation, inputData: [...invocation.inputData, ...inputs] };
  };

  return {
    get functions() {
      return functions;
    },
    get disabledFunctions() {
      return disabledFunctions;
    },
    get capabilities() {
      return worker.capabilities;
    },
    async start(appDirectory) {
      await worker.start(appDirectory);
      functions = worker.functions.filter(({ name }) => !options.isDisabled(name));
      disabledFunctions = worker.functions.filter(({ name }) => options.isDisabled(name));
      clientInputs = new Map(functions.map((fn) => [fn.name, durableClientInputs(fn)]));
    },
    invoke,
    stop: () => worker.stop(),
    abandon(message) {
      abandoned = new HostFailureError("shutdown", message);
      for (const reject of running.values()) reject(abandoned);
    },
  };
}

/** Binding names. `orchestrationClient` is the binding's type from Durable Functions 1. */
function durableClientInputs(fn: RegisteredFunction): readonly string[] {
  return Object.entries(fn.bindings)
    .filter(([, { type }]) => ["durableclient", "orchestrationclient"].includes(type.toLowerCase()))
    .map(([name]) => name);
}

/** Node clamps longer delays to one millisecond. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function startTimer(
  timeoutMs: number | null,
  onTimeout: (timeoutMs: number) => void,
): NodeJS.Timeout | undefined {
  if (timeoutMs === null || timeoutMs > MAX_DELAY_MS) return undefined;
  return setTimeout(onTimeout, timeoutMs, timeoutMs);
}
