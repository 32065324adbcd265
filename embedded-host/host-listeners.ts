import { readFileSync } from "node:fs";
import type { HostOptions } from "./host-options.ts";
import type { Listener } from "./http/listener.ts";
import { listen } from "./http/listener.ts";
import { describeError, SettingsError } from "./json-file.ts";

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

export interface HostListeners {
  /** For everyone whom the address lets in. */
  readonly open: Listener;
  /** For durable clients inside this process: loopback, any port, no keys. */
  readonly rpc: Listener;
  readonly scheme: "http" | "https";
  /** Origin under which callers on this machine reach the open one. */
  readonly url: string;
}

/** Listens at once, before the app is loaded: the app's environment holds the port. */
export async function openListeners(
  options: HostOptions,
  defaultPort: number,
): Promise<HostListeners> {
  const { address = "127.0.0.1", port = defaultPort, https } = options;
  if (!LOOPBACK.includes(address) && options.enableAuth !== true) {
    throw new SettingsError(
      `Listening on ${address} lets other machines reach the admin and durable endpoints. Add --enable-auth, so that they need keys, or listen on 127.0.0.1.`,
    );
  }
  const tls =
    https === undefined
      ? undefined
      : { key: readPem(https.keyPath, "--key"), cert: readPem(https.certPath, "--cert") };
  const open = await listen({ address, port, tls });
  const scheme = tls === undefined ? "http" : "https";
  const shownAddress = address === "0.0.0.0" ? "127.0.0.1" : address.replace(/^::1?$/, "[::1]");
  try {
    const rpc = await listen({ address: "127.0.0.1", port: 0 });
    return { open, rpc, scheme, url: `${scheme}://${shownAddress}:${open.port}` };
  } catch (error) {
    await open.close(0);
    throw error;
  }
}

function readPem(path: string, option: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SettingsError(`${option}: cannot read ${path}: ${describeError(cause)}`, { cause });
  }
}
