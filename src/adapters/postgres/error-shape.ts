/** What `pg`, node:net and node:tls put on their errors. */
export interface ErrorShape {
  readonly message: string;
  /** SQLSTATE of the server, or an errno name such as ECONNREFUSED, or a TLS code. */
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
}

/** Reads any thrown value; the error of a host with several addresses hides the real ones inside. */
export function shapeOfError(error: unknown): ErrorShape {
  const inner: unknown = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const bag: Record<string, unknown> =
    typeof inner === "object" && inner !== null ? { ...inner } : {};
  const text = (key: string): string | undefined => {
    const value = bag[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    message: inner instanceof Error ? inner.message : String(inner),
    code: text("code"),
    detail: text("detail"),
    schema: text("schema"),
    table: text("table"),
  };
}

/** Every SQLSTATE has a digit; errno names of five letters, such as EPIPE and EPERM, have none. */
export const sqlStateOf = (shape: ErrorShape): string | undefined =>
  shape.code !== undefined && /^(?=.*\d)[0-9A-Z]{5}$/.test(shape.code) ? shape.code : undefined;
