import { DatabaseError } from "pg";

/** Receives what the server says; see "Message Formats" in PostgreSQL's protocol chapter. */
export interface MessageHandler {
  /** A piece of a CopyData message, as a view of the socket's buffer. */
  onCopyData(chunk: Buffer, start: number, end: number): void;
  onCopyDataEnd(): void;
  onMessage(type: number, body: Buffer): void;
}

const copyData = 0x64;
const headBytes = 5;
/** Longest message that is collected whole: rows of our own queries, errors, notices. */
const messageLimitBytes = 1024 * 1024 * 1024;

/** Cuts the byte stream into messages; CopyData passes through without being collected. */
export class MessageReader {
  readonly #handler: MessageHandler;
  readonly #head = Buffer.alloc(headBytes);
  #headUsed = 0;
  /** Bytes still to come of the CopyData message that a chunk ended in. */
  #copyDataLeft = 0;
  #body: Buffer | undefined;
  #bodyUsed = 0;
  #type = 0;

  constructor(handler: MessageHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    let position = 0;
    while (position < chunk.length) {
      if (this.#copyDataLeft > 0) position = this.#finishCopyData(chunk, position);
      else if (this.#body !== undefined) position = this.#fillBody(this.#body, chunk, position);
      else if (this.#headUsed > 0 || chunk.length - position < headBytes) {
        position = this.#fillHead(chunk, position);
      } else if (chunk[position] === copyData) {
        position = this.#passCopyData(chunk, position);
      } else {
        this.#begin(chunk[position] ?? 0, chunk.readUInt32BE(position + 1) - 4);
        position += headBytes;
      }
    }
  }

  /** Every CopyData message that lies wholly in the chunk; begins the one that does not. */
  #passCopyData(chunk: Buffer, from: number): number {
    const handler = this.#handler;
    let position = from;
    while (position + headBytes <= chunk.length && chunk[position] === copyData) {
      const end = position + 1 + chunk.readUInt32BE(position + 1);
      position += headBytes;
      if (end > chunk.length) {
        handler.onCopyData(chunk, position, chunk.length);
        this.#copyDataLeft = end - chunk.length;
        return chunk.length;
      }
      handler.onCopyData(chunk, position, end);
      handler.onCopyDataEnd();
      position = end;
    }
    return position;
  }

  #finishCopyData(chunk: Buffer, position: number): number {
    const end = Math.min(position + this.#copyDataLeft, chunk.length);
    this.#handler.onCopyData(chunk, position, end);
    this.#copyDataLeft -= end - position;
    if (this.#copyDataLeft === 0) this.#handler.onCopyDataEnd();
    return end;
  }

  #fillHead(chunk: Buffer, position: number): number {
    const length = Math.min(headBytes - this.#headUsed, chunk.length - position);
    chunk.copy(this.#head, this.#headUsed, position, position + length);
    this.#headUsed += length;
    if (this.#headUsed === headBytes) {
      this.#headUsed = 0;
      this.#begin(this.#head[0] ?? 0, this.#head.readUInt32BE(1) - 4);
    }
    return position + length;
  }

  #begin(type: number, bodyLength: number): void {
    if (type === copyData) {
      this.#copyDataLeft = bodyLength;
      if (bodyLength === 0) this.#handler.onCopyDataEnd();
      return;
    }
    if (bodyLength < 0 || bodyLength > messageLimitBytes) {
      throw new Error(`the server sent a message of ${bodyLength} bytes`);
    }
    this.#type = type;
    this.#body = Buffer.alloc(bodyLength);
    this.#bodyUsed = 0;
    if (bodyLength === 0) this.#deliver(this.#body);
  }

  #fillBody(body: Buffer, chunk: Buffer, position: number): number {
    const length = Math.min(body.length - this.#bodyUsed, chunk.length - position);
    chunk.copy(body, this.#bodyUsed, position, position + length);
    this.#bodyUsed += length;
    if (this.#bodyUsed === body.length) this.#deliver(body);
    return position + length;
  }

  #deliver(body: Buffer): void {
    this.#body = undefined;
    this.#handler.onMessage(this.#type, body);
  }
}

/** The columns of a DataRow message. */
export function parseRow(body: Buffer): (Buffer | null)[] {
  let position = 2;
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const length = body.readInt32BE(position);
    position += 4;
    if (length < 0) return null;
    position += length;
    return body.subarray(position - length, position);
  });
}

/** An ErrorResponse message with the fields that node-postgres puts on its errors. */
export function parseServerError(body: Buffer): DatabaseError {
  const fields = new Map<string, string>();
  let position = 0;
  while (position < body.length && body[position] !== 0) {
    const letter = String.fromCharCode(body[position] ?? 0);
    const end = body.indexOf(0, position + 1);
    const stop = end === -1 ? body.length : end;
    fields.set(letter, body.toString("utf8", position + 1, stop));
    position = stop + 1;
  }
  const error = new DatabaseError(fields.get("M") ?? "error without a text", body.length, "error");
  for (const [letter, name] of errorFields) {
    const text = fields.get(letter);
    if (text !== undefined) error[name] = text;
  }
  return error;
}

/** Letters of the protocol chapter's "Error and Notice Message Fields". */
const errorFields = [
  ["S", "severity"],
  ["C", "code"],
  ["D", "detail"],
  ["H", "hint"],
  ["W", "where"],
  ["s", "schema"],
  ["t", "table"],
  ["c", "column"],
  ["d", "dataType"],
  ["n", "constraint"],
] as const;

/** Head of a message of ours whose body follows. */
export const header = (type: string, bodyLength: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 0, "latin1");
  bytes.writeUInt32BE(bodyLength + 4, 1);
  return bytes;
};

/** A whole message of ours. */
export const message = (type: string, body: Buffer): Buffer =>
  Buffer.concat([header(type, body.length), body]);
