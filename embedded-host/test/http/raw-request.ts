import type { Socket } from "node:net";
import { connect } from "node:net";

/** Sends text over a plain connection and gives back all that came until its end. */
export async function rawRequest(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let received = "";
  for await (const chunk of socket) received += String(chunk);
  return received;
}

/** Sends the head of a request and hands the connection over. */
export async function openRequest(port: number, head: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  const connected = Promise.withResolvers<void>();
  socket.once("connect", connected.resolve);
  socket.on("error", () => undefined);
  await connected.promise;
  socket.write(head);
  return socket;
}
