import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import type { ServerConnection } from "../../domain/connection.ts";
import { shapeOfError, sqlStateOf } from "./error-shape.ts";

/** One way of connecting; libpq's `allow` and `prefer` have two. */
export interface TlsChoice {
  /** Absent: no TLS. */
  readonly tls?: ConnectionOptions;
  /** Whether the next choice may be tried after this error. */
  mayFallBack(error: unknown): boolean;
}

/** What libpq's sslmode means, in the order in which libpq tries. */
export function tlsChoices(connection: ServerConnection): readonly TlsChoice[] {
  const never = (): boolean => false;
  const plain: TlsChoice = { mayFallBack: never };
  const unverified: TlsChoice = { tls: { rejectUnauthorized: false }, mayFallBack: never };
  switch (connection.sslMode) {
    case "disable":
      return [plain];
    case "allow":
      return [{ ...plain, mayFallBack: refusesTlsChoice }, unverified];
    case "prefer":
      return [{ ...unverified, mayFallBack: refusesTlsChoice }, plain];
    case "require":
      // As in libpq: with a root certificate at hand `require` verifies the chain.
      return [connection.rootCertificate === undefined ? unverified : verified(connection, false)];
    case "verify-ca":
      return [verified(connection, false)];
    case "verify-full":
      return [verified(connection, true)];
  }
}

/** Without a root certificate the ones that Node trusts serve; libpq is given the same list. */
const verified = (connection: ServerConnection, withName: boolean): TlsChoice => ({
  tls: {
    rejectUnauthorized: true,
    ...(connection.rootCertificate === undefined ? {} : { ca: connection.rootCertificate }),
    checkServerIdentity: (_name, certificate) =>
      withName ? checkServerIdentity(connection.host, certificate) : undefined,
  },
  mayFallBack: () => false,
});

/** The server has no TLS, cannot agree on it, or its access rules want the other kind. */
export function refusesTlsChoice(error: unknown): boolean {
  const shape = shapeOfError(error);
  return (
    sqlStateOf(shape) === "28000" ||
    /does not support SSL/.test(shape.message) ||
    /^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(shape.code ?? "")
  );
}
