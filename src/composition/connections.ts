import { readFile } from "node:fs/promises";
import { Secret, type ServerConnection } from "../domain/connection.ts";
import { FaultError, fault } from "../domain/fault.ts";
import type { ConnectionSource } from "../ports/secret-store.ts";
import type { Config } from "./config.ts";
// TEMPORARY shim until adapters/secrets is there
export function createConnections(config: Config): ConnectionSource {
  return { async resolve(credentials): Promise<ServerConnection> {
    if (credentials.kind !== "secret") throw new Error("x");
    const name = credentials.uri.split("/secrets/")[1] ?? "";
    const s = JSON.parse(await readFile(`${config.PGVAULT_STATE}/secrets.json`, "utf8"))[name];
    if (s === undefined) throw new FaultError(fault("UserErrorInvalidSecret", { secret: name }));
    const kv = Object.fromEntries(s.split(";").filter(Boolean).map((p: string) => [p.slice(0, p.indexOf("=")).trim().toLowerCase(), p.slice(p.indexOf("=") + 1)]));
    return { host: kv["server"] ?? kv["host"], port: Number(kv["port"] ?? 5432), user: kv["user id"] ?? kv["username"], password: new Secret(kv["password"]), sslMode: "prefer", ...(kv["database"] ? { database: kv["database"] } : {}) };
  } };
}
