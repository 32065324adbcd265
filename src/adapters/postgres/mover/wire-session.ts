import { Socket } from "node:net";
import { freeBuffer } from "./free-buffer.ts";
import { SteadySocket } from "./steady-socket.ts";
import {
  header,
  type MessageHandler,
  MessageReader,
  message,
  parseRow,
  parseServerError,
} from "./wire-messages.ts";
import type { CopySink, WireResult, WireSession } from "./wire-port.ts";

/** What we need of a connected `pg.Client`; its private parts are checked at run time. */
export interface LoggedInClient {
  readonly connection?: unknown;
  readonly processID?: unknown;
}

const errorResponse = 0x45;
const terminate = Buffer.from([0x58, 0, 0, 0, 4]);
const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);
/** CopyData messages of at most this size: the server holds one in memory. */
const copyDataLimitBytes = 256 * 1024;
const closePatienceMs = 2_000;

interface Running {
  readonly rows: (Buffer | null)[][];
  readonly tags: string[];
  readonly resolve: (result: WireResult) => void;
  readonly reject: (error: Error) => void;
  readonly sink: CopySink | undefined;
  readonly onCopyIn: (() => void) | undefined;
  error: Error | undefined;
}

export function takeOver(client: LoggedInClient): WireSession {
  return new TakenOverSession(parseSocket(client), Number(client.processID));
}

class TakenOverSession implements WireSession, MessageHandler {
  readonly processId: number;
  readonly gone: Promise<Error>;
  readonly #socket: Socket;
  readonly #reader: MessageReader;
  #running: Running | undefined;
  #lost: Error | undefined;
  #lastWords: Error | undefined;
  #noteGone: (reason: Error) => void = () => {};

  constructor(socket: Socket, processId: number) {
    this.processId = processId;
    this.#socket = socket;
    this.#reader = new MessageReader(this);
    this.gone = new Promise((resolve) => {
      this.#noteGone = resolve;
    });
    // Only the parser goes; node-postgres still hears of the end, and forgets the abort signal.
    socket.removeAllListeners("data");
    if (socket instanceof SteadySocket) socket.handTo((chunk) => this.#onData(chunk));
    else socket.on("data", (chunk: Buffer) => this.#onData(chunk) || socket.pause());
    socket.on("error", (error) => this.#lose(error));
    socket.on("close", () => this.#lose(new Error("Connection terminated unexpectedly")));
    socket.resume();
  }

  execute(sql: Buffer | string): Promise<WireResult> {
    return this.#run(sql, {});
  }

  async copyOut(sql: Buffer | string, sink: CopySink): Promise<number> {
    return copiedRows(await this.#run(sql, { sink }));
  }

  async copyIn(sql: Buffer | string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    let failure: Error | undefined;
    const result = this.#run(sql, {
      onCopyIn: () => {
        this.#feed(chunks).catch((error: unknown) => {
          failure = error instanceof Error ? error : new Error(String(error));
          this.#write(message("f", Buffer.from("pgvault gave up\0")));
        });
      },
    });
    try {
      return copiedRows(await result);
    } catch (error) {
      throw failure ?? error;
    }
  }

  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#socket.end(terminate);
    const timer = setTimeout(() => this.#socket.destroy(), closePatienceMs);
    await this.gone;
    clearTimeout(timer);
  }

  destroy(reason: Error): void {
    this.#lose(reason);
    this.#socket.destroy();
  }

  onCopyData(chunk: Buffer, start: number, end: number): void {
    this.#running?.sink?.append(chunk, start, end);
  }

  onCopyDataEnd(): void {
    this.#running?.sink?.endRow();
  }

  onMessage(type: number, body: Buffer): void {
    const running = this.#running;
    // Without a statement running only notices come, and the server's word before it hangs up.
    if (running === undefined) {
      if (type === errorResponse) this.#lastWords ??= parseServerError(body);
      return;
    }
    switch (String.fromCharCode(type)) {
      case "C":
        running.tags.push(textUntilNul(body, 0));
        return;
      case "T":
        running.rows.length = 0;
        return;
      case "D":
        running.rows.push(parseRow(body));
        return;
      case "E":
        running.error ??= parseServerError(body);
        return;
      case "G":
        running.onCopyIn?.();
        return;
      case "Z":
        this.#running = undefined;
        if (running.error === undefined) running.resolve(running);
        else running.reject(running.error);
        return;
      default:
    }
  }

  #run(
    sql: Buffer | string,
    role: { sink?: CopySink; onCopyIn?: () => void },
  ): Promise<WireResult> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    if (this.#running !== undefined) {
      return Promise.reject(new Error("a statement is running on this session already"));
    }
    return new Promise((resolve, reject) => {
      this.#running = {
        rows: [],
        tags: [],
        resolve,
        reject,
        sink: role.sink,
        onCopyIn: role.onCopyIn,
        error: undefined,
      };
      this.#write(message("Q", Buffer.concat([Buffer.from(sql), Buffer.from([0])])));
    });
  }

  /** False: nothing more may come until the sink has room. */
  #onData(chunk: Buffer): boolean {
    this.#reader.push(chunk);
    const pause = this.#running?.sink?.endChunk();
    if (pause === undefined) return true;
    void pause.then(() => this.#socket.resume());
    return false;
  }

  /** Sends all chunks, as fast as the server takes them; stops early when the server complained. */
  async #feed(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const running = this.#running;
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += copyDataLimitBytes) {
        if (running?.error !== undefined || this.#lost !== undefined) return;
        const piece = chunk.subarray(start, start + copyDataLimitBytes);
        const isLast = start + copyDataLimitBytes >= chunk.length;
        this.#write(header("d", piece.length));
        if (!this.#write(piece, isLast ? () => freeBuffer(chunk) : undefined)) {
          await this.#drained();
        }
      }
    }
    if (running?.error === undefined) this.#write(copyDone);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done);
        this.#socket.off("close", done);
        resolve();
      };
      this.#socket.on("drain", done);
      this.#socket.on("close", done);
    });
  }

  #write(bytes: Uint8Array, onSent?: () => void): boolean {
    return this.#lost === undefined && this.#socket.write(bytes, onSent);
  }

  #lose(reason: Error): void {
    if (this.#lost !== undefined) return;
    const running = this.#running;
    this.#running = undefined;
    // A server that ends a session says why before it closes the socket.
    this.#lost = running?.error ?? this.#lastWords ?? reason;
    running?.reject(this.#lost);
    this.#noteGone(this.#lost);
  }
}

function parseSocket(client: LoggedInClient): Socket {
  const connection = client.connection as { stream?: unknown } | undefined;
  if (connection?.stream instanceof Socket) return connection.stream;
  throw new Error("node-postgres no longer keeps its socket in client.connection.stream");
}

function textUntilNul(body: Buffer, start: number): string {
  const end = body.indexOf(0, start);
  return body.toString("utf8", start, end === -1 ? body.length : end);
}

function copiedRows(result: WireResult): number {
  const tag = result.tags.find((candidate) => candidate.startsWith("COPY "));
  if (tag === undefined) throw new Error(`the server answered ${result.tags.join(", ")} to COPY`);
  return Number(tag.slice("COPY ".length));
}
