import type { IncomingMessage } from "node:http";

export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`The request body is larger than the limit of ${limitBytes} bytes.`);
    this.limitBytes = limitBytes;
  }
}

export class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";
}

/** The whole body. Stops reading at the limit; rejects if the client goes away before its end. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limitBytes) throw new BodyTooLargeError(limitBytes);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  request.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) {
      request.pause();
      reject(new BodyTooLargeError(limitBytes));
      return;
    }
    chunks.push(chunk);
  });
  request.on("end", () => resolve(Buffer.concat(chunks)));
  request.on("error", (cause) => reject(new ClientGoneError("The client went away.", { cause })));
  request.on("close", () => reject(new ClientGoneError("The client went away.")));
  return promise;
}
