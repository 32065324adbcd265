import { archivedBlob, corruptBlob, storageUnavailable } from "../../domain/blob-fault.ts";
import { FaultError } from "../../domain/fault.ts";
import { retryDelayMs } from "../../domain/storage-retry.ts";
import { type BlobRequests, errorCodeOf, statusOf, world } from "./requests.ts";

/** A chunk that has not come after this long: the connection is dead. */
const stallLimitMs = 30_000;

/**
 * Streams a range and goes on where a cut connection left off, on the very same blob (by etag).
 * Attempts count anew whenever bytes have come.
 */
export async function* readBlob(
  requests: BlobRequests,
  path: string,
  range: { offset: number; length: number } | undefined,
): AsyncIterable<Uint8Array> {
  const start = range?.offset ?? 0;
  let end = range === undefined ? undefined : range.offset + range.length;
  if (end === start) return;
  let at = start;
  let etag: string | undefined;
  for (let fruitless = 1; end === undefined || at < end; fruitless++) {
    if (fruitless > requests.retry.attempts) {
      throw new FaultError(storageUnavailable(`blob '${path}' ends early again and again`));
    }
    const open = await openAt(requests, path, at, end, etag);
    etag ??= open.etag;
    end ??= open.blobBytes;
    if (end > open.blobBytes) {
      open.stop();
      throw corruptBlob(path, `has ${open.blobBytes} bytes where ${end} are expected`);
    }
    try {
      for await (const chunk of open.chunks) {
        at += chunk.byteLength;
        fruitless = 0;
        yield chunk;
      }
    } catch (error) {
      if (error instanceof FaultError) throw error;
      await pause(requests, fruitless, error);
    } finally {
      // Read to its end, the connection goes back to the pool instead.
      if (at < end) open.stop();
    }
  }
}

interface OpenRange {
  readonly etag: string | undefined;
  readonly blobBytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  stop(): void;
}

async function openAt(
  requests: BlobRequests,
  path: string,
  at: number,
  end: number | undefined,
  etag: string | undefined,
): Promise<OpenRange> {
  try {
    return await requests.send(async (signal) => {
      const connection = new AbortController();
      const giveUp = () => connection.abort();
      signal.addEventListener("abort", giveUp);
      const response = await requests.client
        .getBlobClient(path)
        .download(at, end === undefined ? undefined : end - at, {
          abortSignal: connection.signal,
          maxRetryRequests: 0,
          ...(etag === undefined ? {} : { conditions: { ifMatch: etag } }),
        });
      // From here on the stall limit watches, not the limit of one request.
      signal.removeEventListener("abort", giveUp);
      const body = response.readableStreamBody;
      if (body === undefined) throw new Error("the SDK answered no stream");
      // Nobody may be reading any more when the connection is given up.
      body.on("error", () => {});
      return {
        etag: response.etag,
        blobBytes: at + (response.contentLength ?? 0) + bytesAfter(response.contentRange),
        chunks: watched(body, giveUp),
        stop: giveUp,
      };
    });
  } catch (error) {
    throw translateRead(error, path);
  }
}

/** Bytes of the blob behind the answered range, from `bytes 0-99/1000`. */
function bytesAfter(contentRange: string | undefined): number {
  const match = /^bytes \d+-(\d+)\/(\d+)$/.exec(contentRange ?? "");
  return match === null ? 0 : Number(match[2]) - Number(match[1]) - 1;
}

async function* watched(
  body: NodeJS.ReadableStream,
  giveUp: () => void,
): AsyncIterable<Uint8Array> {
  let timer = setTimeout(giveUp, stallLimitMs);
  try {
    for await (const chunk of body) {
      clearTimeout(timer);
      if (typeof chunk !== "string") yield chunk;
      // The consumer may take its time; only the wait for the network counts.
      timer = setTimeout(giveUp, stallLimitMs);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function pause(requests: BlobRequests, fruitless: number, error: unknown): Promise<void> {
  const failure = world.describe(error);
  if (fruitless >= requests.retry.attempts) {
    throw new FaultError(storageUnavailable(failure.message), { cause: error });
  }
  const number = Math.max(1, fruitless);
  await world.wait(retryDelayMs(requests.retry, number, failure, world.random()));
}

function translateRead(error: unknown, path: string): unknown {
  const code = errorCodeOf(error);
  if (code === "BlobArchived" || code === "BlobBeingRehydrated") return archivedBlob(path);
  switch (statusOf(error)) {
    case 404:
      return corruptBlob(path, "is absent");
    case 412:
      return corruptBlob(path, "was overwritten while it was read");
    case 416:
      return corruptBlob(path, "is shorter than expected");
    default:
      return error;
  }
}
