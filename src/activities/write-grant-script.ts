import { databaseNameOf } from "../domain/datasource.ts";
import type { GrantScriptFor, WriteGrantScript } from "../ports/grant-scripts.ts";
import { resolveDatabase } from "./load-instance.ts";
import type { ActivityPorts } from "./ports.ts";

type Ports = Pick<ActivityPorts, "connections" | "servers">;

/** No activity of a workflow: it changes nothing and answers at once. */
export const createWriteGrantScript =
  (ports: Ports): WriteGrantScript =>
  async (request) => {
    const subject = await findSubject(ports, request);
    const owners = request.owners === undefined ? {} : { owners: request.owners };
    return { ...subject, ...ports.servers.grantScript({ ...subject, ...owners }) };
  };

/** Neither secret nor server need exist yet when the request says it all. */
async function findSubject(ports: Ports, request: GrantScriptFor) {
  const { role, serverMajor } = request;
  const database = databaseNameOf(request.datasource);
  if (role !== undefined && serverMajor !== undefined && database !== undefined) {
    return { database, role, serverMajor };
  }
  const source = await resolveDatabase(ports, request.datasource, request.credentials);
  return {
    database: source.database,
    role: role ?? source.user,
    serverMajor: serverMajor ?? (await ports.servers.serverMajor(source)),
  };
}
