import { type DatabaseConnection, serverLabel } from "../../../domain/connection.ts";
import { type Fault, fault } from "../../../domain/fault.ts";
import type { ManifestSource } from "../../../domain/manifest.ts";
import type { RestoreCheckOptions } from "../../../ports/database-server.ts";
import { markedJobId } from "../restore-marker.ts";
import { quoteIdentifier } from "../sql-text.ts";
import type { ServerReading } from "./database-facts.ts";
import type { TargetReading } from "./restore-target-query.ts";

export interface RestoreFindings {
  readonly target: DatabaseConnection;
  readonly source: ManifestSource;
  readonly check: RestoreCheckOptions;
  readonly server: ServerReading;
  readonly reading: TargetReading;
}

export const targetFaults = (findings: RestoreFindings): readonly Fault[] => [
  ...nameFaults(findings),
  ...roleFaults(findings),
  ...standbyFaults(findings),
  ...localeFaults(findings),
  ...(findings.source.extensions ?? []).flatMap(({ name }) => extensionFaults(name, findings)),
  ...(findings.check.keepTablespaces === true ? (findings.source.tablespaces ?? []) : []).flatMap(
    (name) => tablespaceFaults(name, findings),
  ),
];

function nameFaults({ target, check, reading }: RestoreFindings): readonly Fault[] {
  if (!reading.databaseExists) return [];
  const leftBy = markedJobId(reading.databaseComment);
  if (leftBy !== undefined && leftBy === check.jobId) return [];
  return [
    fault(
      "UserErrorDatabaseNameAlreadyInUse",
      { database: target.database, server: serverLabel(target) },
      { target: `database ${target.database}` },
    ),
  ];
}

const roleFaults = ({ target, server }: RestoreFindings): readonly Fault[] =>
  server.canCreateDatabase
    ? []
    : [
        missingRole(target, "the right to create databases (CREATEDB)", [
          `ALTER ROLE ${quoteIdentifier(target.user)} CREATEDB;`,
        ]),
      ];

const standbyFaults = ({ target, server }: RestoreFindings): readonly Fault[] =>
  server.facts.isStandby
    ? [
        notReady(target, "it is a standby and read-only", `server ${serverLabel(target)}`, [
          "SELECT pg_promote(); -- or restore to the primary",
        ]),
      ]
    : [];

const localeFaults = ({ target, source, reading }: RestoreFindings): readonly Fault[] =>
  reading.localeAvailable
    ? []
    : [
        notReady(
          target,
          `the locale of the database (${source.collate}, ${source.ctype}, encoding ${source.encoding}) is not installed there`,
          `locale ${source.collate}`,
          [
            "SELECT pg_import_system_collations('pg_catalog'); -- after installing the locale on the server, as locale-gen does",
          ],
        ),
      ];

function extensionFaults(name: string, findings: RestoreFindings): readonly Fault[] {
  const { target, server, reading } = findings;
  const object = `extension ${name}`;
  const available = reading.extensions.find((extension) => extension.name === name);
  if (available === undefined) {
    const packageHint = `apt-get install postgresql-${server.facts.serverMajor}-${name} # or the package that carries extension ${name}`;
    return [notReady(target, `${object} is not available there`, object, [packageHint])];
  }
  if (reading.allowedExtensions !== null) {
    if (reading.allowedExtensions.includes(name.toLowerCase())) return [];
    const list = [...reading.allowedExtensions, name].filter((entry) => entry !== "").join(",");
    return [
      notReady(target, `${object} is not on the server's allow-list azure.extensions`, object, [
        `az postgres flexible-server parameter set --name azure.extensions --value ${list}`,
      ]),
    ];
  }
  return available.needsSuperuser && !server.facts.isSuperuser
    ? [
        missingRole(target, `${object} may be created by superusers only`, [
          `ALTER ROLE ${quoteIdentifier(target.user)} SUPERUSER;`,
        ]),
      ]
    : [];
}

function tablespaceFaults(name: string, { target, reading }: RestoreFindings): readonly Fault[] {
  const found = reading.tablespaces.find((tablespace) => tablespace.name === name);
  const object = `tablespace ${name}`;
  if (found === undefined) {
    return [
      notReady(target, `${object} does not exist there`, object, [
        `CREATE TABLESPACE ${quoteIdentifier(name)} LOCATION '/path/on/the/server';`,
        "Or restore without tablespaces.",
      ]),
    ];
  }
  return found.mayCreate
    ? []
    : [
        missingRole(target, `CREATE on ${object}`, [
          `GRANT CREATE ON TABLESPACE ${quoteIdentifier(name)} TO ${quoteIdentifier(target.user)};`,
        ]),
      ];
}

const notReady = (
  target: DatabaseConnection,
  detail: string,
  object: string,
  statements: readonly string[],
): Fault =>
  fault(
    "UserErrorRestoreTargetNotReady",
    { server: serverLabel(target), detail },
    { target: object, recommendedAction: statements },
  );

const missingRole = (
  target: DatabaseConnection,
  detail: string,
  statements: readonly string[],
): Fault =>
  fault(
    "UserErrorMissingRole",
    { role: target.user, server: serverLabel(target), detail },
    { target: `role ${target.user}`, recommendedAction: statements },
  );
