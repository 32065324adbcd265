import { Readable } from "node:stream";
import type { TokenCredential } from "@azure/core-auth";
import { type BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { FaultError, fault } from "../../domain/fault.ts";
import type { RestoreContainers } from "../../ports/restore-container.ts";
import { statusOf } from "./requests.ts";

export interface RestoreContainersOptions {
  /** For URLs without a SAS. */
  readonly credential: TokenCredential;
}

/**
 * Hosts that pgvault's own identity writes to. The URL comes from a request: without this list a
 * storage token could be sent to anybody's server.
 */
const identityHosts = [
  ".blob.core.windows.net",
  ".blob.core.chinacloudapi.cn",
  ".blob.core.usgovcloudapi.net",
  ".blob.storage.azure.net",
] as const;

/** Eight blocks of this size in flight at most: 64 MiB for each file that is written. */
const blockBytes = 8 * 1024 * 1024;
const blocksInFlight = 4;
const probeName = ".pgvault-write-probe";

export function createRestoreContainers(options: RestoreContainersOptions): RestoreContainers {
  const blobOf = (url: string, filePrefix: string, name: string): BlockBlobClient =>
    openTarget(url, options.credential).getBlockBlobClient(`${trimmed(filePrefix)}/${name}`);
  return {
    open: (url, filePrefix) => ({
      async write(name, chunks) {
        const blob = blobOf(url, filePrefix, name);
        // A failed upload leaves staged blocks only, which are no blob and vanish by themselves.
        await translating(url, () =>
          blob.uploadStream(Readable.from(chunks), blockBytes, blocksInFlight),
        );
      },
    }),
    async probe(url, filePrefix) {
      const blob = blobOf(url, filePrefix, probeName);
      // A staged block needs the right to write and leaves no blob behind.
      const blockId = Buffer.from("probe").toString("base64");
      await translating(url, () => blob.stageBlock(blockId, "?", 1));
    },
  };
}

function openTarget(url: string, credential: TokenCredential): ContainerClient {
  const { protocol, hostname, search, pathname } = new URL(url);
  const isLoopback = hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
  if (protocol !== "https:" && !isLoopback)
    throw refused(url, "it must be an https URL, so that nobody reads along.");
  if (pathname.replaceAll("/", "") === "") throw refused(url, "the URL names no container.");
  if (search !== "") return new ContainerClient(url);
  if (!identityHosts.some((suffix) => hostname.endsWith(suffix)))
    throw refused(url, "without a SAS it must be a container of Azure Blob Storage.");
  return new ContainerClient(url, credential);
}

/** What the mover itself rejects with passes through; the container's own answers get one code. */
async function translating(url: string, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (error instanceof FaultError) throw error;
    const status = statusOf(error);
    const text = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    if (status === undefined || status >= 500)
      throw new FaultError(fault("StorageUnavailable", { detail: `${shown(url)}: ${text}` }), {
        cause: error,
      });
    throw refused(url, `${status} ${text}`, error);
  }
}

const refused = (url: string, detail: string, cause?: unknown): FaultError =>
  new FaultError(fault("UserErrorContainerNotAccessible", { container: shown(url), detail }), {
    cause,
  });

/** A SAS is a secret: it ends at the question mark. */
const shown = (url: string): string => url.split("?")[0] ?? "";

const trimmed = (prefix: string): string => prefix.replaceAll(/^\/+|\/+$/g, "");
