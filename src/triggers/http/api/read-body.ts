import { FaultError, fault } from "../../../domain/fault.ts";
import type { Json } from "../../../domain/json.ts";
import type { ApiSettings } from "./operation-record.ts";

/** The part of a Fetch body that is needed; absent for requests without one. */
export type BodyStream = ReadableStream<Uint8Array> | null | undefined;

/**
 * Reads a JSON body within the limits of size and time; what exceeds them is refused while it
 * arrives, so that nothing larger than the limit is ever held.
 */
export async function readJsonBody(
  headers: { get(name: string): string | null },
  stream: BodyStream,
  limits: Pick<ApiSettings, "maxBodyBytes" | "bodyTimeoutMs">,
): Promise<Json | undefined> {
  if (Number(headers.get("content-length") ?? 0) > limits.maxBodyBytes) throw tooLarge(limits);
  if (stream === null || stream === undefined) return undefined;
  const bytes = await collect(stream, limits);
  if (bytes.length === 0) return undefined;
  return parseJson(bytes);
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  limits: Pick<ApiSettings, "maxBodyBytes" | "bodyTimeoutMs">,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow(limits)), limits.bodyTimeoutMs);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) return Buffer.concat(chunks);
      size += value.length;
      if (size > limits.maxBodyBytes) throw tooLarge(limits);
      chunks.push(value);
    }
  } catch (error) {
    // Not awaited: a source that never settles must not hold the answer.
    reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function parseJson(bytes: Uint8Array): Json {
  try {
    const parsed: Json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return parsed;
  } catch (error) {
    const detail = error instanceof SyntaxError ? error.message : "the body is not UTF-8";
    throw new FaultError(fault("InvalidRequestContent", { detail: `not JSON: ${detail}` }), {
      cause: error,
    });
  }
}

const tooLarge = ({ maxBodyBytes }: Pick<ApiSettings, "maxBodyBytes">): FaultError =>
  new FaultError(fault("RequestEntityTooLarge", { limitBytes: maxBodyBytes }));

const tooSlow = ({ bodyTimeoutMs }: Pick<ApiSettings, "bodyTimeoutMs">): FaultError =>
  new FaultError(
    fault("InvalidRequestContent", {
      detail: `the body did not arrive within ${bodyTimeoutMs} ms`,
    }),
  );
