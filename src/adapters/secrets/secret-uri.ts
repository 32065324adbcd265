import { FaultError, fault } from "../../domain/fault.ts";

export interface SecretUri {
  /** Lower-case, without port. */
  readonly host: string;
  readonly port: string;
  readonly name: string;
  /** Absent: the latest. */
  readonly version?: string;
}

/** Reads `https://<store>/secrets/<name>[/<version>]`; `UserErrorInvalidSecretStore` otherwise. */
export function parseSecretUri(uri: string): SecretUri {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const match = /^\/secrets\/([0-9A-Za-z._-]+)(?:\/([0-9A-Za-z]+))?\/?$/.exec(url?.pathname ?? "");
  if (url?.protocol !== "https:" || url.username !== "" || match === null) {
    const detail =
      "it is not of the form https://STORE/secrets/NAME or https://STORE/secrets/NAME/VERSION.";
    throw new FaultError(fault("UserErrorInvalidSecretStore", { secret: uri, detail }));
  }
  const [, name = "", version] = match;
  const { hostname, port } = url;
  return { host: hostname, port, name, ...(version === undefined ? {} : { version }) };
}
