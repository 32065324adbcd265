import { type DatabaseConnection, serverLabel } from "../../../domain/connection.ts";
import { type Fault, fault } from "../../../domain/fault.ts";
import type { DatabaseFacts, Inspection } from "../../../ports/database-server.ts";
import type { ClientToolSource } from "../client-tools.ts";
import { oldestServerMajor } from "../server-version.ts";
import { quoteIdentifier } from "../sql-text.ts";
import { translateError } from "../translate-error.ts";
import { readDatabase, type ServerReading } from "./database-facts.ts";
import { inspecting } from "./inspection-session.ts";
import { missingRightsFaults } from "./missing-rights-faults.ts";
import { findMissingRights } from "./missing-rights-query.ts";
import { findNotices } from "./notices.ts";

export interface InspectorOptions {
  readonly tools: ClientToolSource;
  readonly connectTimeoutMs?: number;
}

/**
 * Everything that would make pg_dump fail as this role, found without dumping: reachability and
 * login by logging in, the rest by catalog queries. Where the server cannot be asked, why.
 */
export async function inspectBackup(
  source: DatabaseConnection,
  options: InspectorOptions,
): Promise<Inspection<DatabaseFacts>> {
  try {
    return await inspecting(source, options.connectTimeoutMs, async (client) => {
      const reading = await readDatabase(client);
      const rights = await findMissingRights(client);
      const notices = await findNotices(client, reading);
      const { facts } = reading;
      const tools = await options.tools.forVersion(facts.serverVersion, serverLabel(source));
      return {
        faults: [
          ...(tools.ok ? [] : [tools.error]),
          ...databaseFaults(source, reading),
          ...missingRightsFaults(rights, source, facts.serverMajor),
        ],
        notices,
        facts: { ...facts, ...(tools.ok ? { clientVersion: tools.value.version } : {}) },
      };
    });
  } catch (error) {
    const found = translateError(error, { connection: source, otherwise: "InternalError" });
    return { faults: [found], notices: [] };
  }
}

function databaseFaults(source: DatabaseConnection, reading: ServerReading): readonly Fault[] {
  const { facts } = reading;
  const server = serverLabel(source);
  return [
    ...(facts.serverMajor < oldestServerMajor
      ? [
          fault("UserErrorNotSupported", {
            detail: `Server '${server}' runs PostgreSQL ${facts.serverVersion}; pgvault backs up ${oldestServerMajor} and later.`,
          }),
        ]
      : []),
    ...(reading.isTemplate
      ? [
          fault(
            "UserErrorNotSupported",
            {
              detail: `Database '${source.database}' on server '${server}' is a template for new databases, which is not backed up.`,
            },
            {
              target: `database ${source.database}`,
              recommendedAction: [
                `ALTER DATABASE ${quoteIdentifier(source.database)} IS_TEMPLATE false;`,
              ],
            },
          ),
        ]
      : []),
  ];
}
