/**
 * An invocation ended because of the host, not because of the app: shutdown, function timeout, a
 * lost worker. Whoever wraps a WorkerPort rejects with this, and the durable engine then runs the
 * work again instead of recording a failure.
 */
export class HostFailureError extends Error {
  override readonly name = "HostFailureError";
  readonly reason: "shutdown" | "timeout" | "worker-lost";

  constructor(reason: "shutdown" | "timeout" | "worker-lost", message: string) {
    super(message);
    this.reason = reason;
  }
}
