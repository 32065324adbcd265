import { HostFailureError } from "./core/host-failure.ts";
import type { Invocation, InvocationResult, WorkerPort } from "./core/worker-port.ts";

export interface GuardedWorker extends WorkerPort {
  /** Invocations that have not settled. */
  readonly runningCount: number;
  /** Fails all running and later invocations, so that whoever can repeats them after a restart. */
  abandon(reason: "shutdown" | "timeout", message: string): void;
}

export interface GuardOptions {
  /** `functionTimeout` of host.json; null for none. */
  readonly timeoutMs: number | null;
  /** In-process code cannot be stopped: the process must end soon after this. */
  readonly onTimeout: (invocation: Invocation) => void;
}

/** A worker whose invocations end: by themselves, by the function timeout, or with the host. */
export function guardWorker(worker: WorkerPort, options: GuardOptions): GuardedWorker {
  const running = new Map<string, (error: HostFailureError) => void>();
  let abandoned: HostFailureError | undefined;

  const invoke = async (invocation: Invocation): Promise<InvocationResult> => {
    if (abandoned !== undefined) throw abandoned;
    const { invocationId, functionName } = invocation;
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    running.set(invocationId, reject);
    const timer = startTimer(options.timeoutMs, (timeoutMs) => {
      reject(
        new HostFailureError(
          "timeout",
          `Function "${functionName}" ran into its time limit of ${timeoutMs / 1000} s (functionTimeout in host.json).`,
        ),
      );
      options.onTimeout(invocation);
    });
    try {
      return await Promise.race([worker.invoke(invocation), interrupted]);
    } finally {
      clearTimeout(timer);
      running.delete(invocationId);
    }
  };

  return {
    get functions() {
      return worker.functions;
    },
    get capabilities() {
      return worker.capabilities;
    },
    get runningCount() {
      return running.size;
    },
    start: (appDirectory) => worker.start(appDirectory),
    invoke,
    stop: () => worker.stop(),
    abandon(reason, message) {
      abandoned = new HostFailureError(reason, message);
      for (const reject of running.values()) reject(abandoned);
    },
  };
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
