import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseConnection } from "../../../domain/connection.ts";
import { type Fault, FaultError, fault } from "../../../domain/fault.ts";
import type { RestoreSettings } from "../../../ports/data-mover.ts";
import { startChild, succeeded } from "../child-process.ts";
import type { ClientTools } from "../client-tools.ts";
import { withLibpqEnvironment } from "../libpq-environment.ts";
import { translateToolFailure } from "../translate-tool-output.ts";
import { unlimitedTime } from "./open-session.ts";
import {
  createComplaintCollector,
  isHarmless,
  type RestoreComplaint,
} from "./pg-restore-output.ts";

export interface PgRestoreRun {
  readonly tools: ClientTools;
  readonly target: DatabaseConnection;
  readonly jobId: string;
  readonly settings: RestoreSettings;
  /** Holds toc.dat. */
  readonly folder: string;
  /** Entries to restore, in order. */
  readonly dumpIds: readonly number[];
  /** Names the list file. */
  readonly phase: string;
  /** Connections; 1: in the order of the list. */
  readonly jobs: number;
  readonly signal: AbortSignal;
}

/** Complaints kept of one run; the rest says nothing new. */
const complaintLimit = 100;
/** For building indexes; the server's default is small. */
const sessionOptions = `${unlimitedTime} -c synchronous_commit=off -c maintenance_work_mem=256MB`;

/** Restores the listed entries; answers warnings, rejects when an object could not be restored. */
export async function runPgRestore(run: PgRestoreRun): Promise<readonly string[]> {
  if (run.dumpIds.length === 0) return [];
  const { target, jobId, signal, folder } = run;
  const listFile = join(folder, `${run.phase}.list`);
  await writeFile(listFile, run.dumpIds.map((id) => `${id};\n`).join(""));
  return withLibpqEnvironment(target, { jobId, sessionOptions }, async ({ env, dbname }) => {
    const collector = createComplaintCollector(complaintLimit);
    const child = startChild({
      file: run.tools.pgRestore,
      args: [...restoreArguments(run), `--use-list=${listFile}`, `--dbname=${dbname}`, folder],
      env,
      stdout: "discard",
      signal,
      onStderrLine: (line) => collector.line(line),
    });
    const result = await child.ended;
    signal.throwIfAborted();
    if (succeeded(result)) return [];
    const complaints = collector.complaints();
    const serious = complaints.filter((complaint) => !isHarmless(complaint));
    // Exit code 1 is "errors were ignored"; anything else, or no complaint, is an end by force.
    if (result.exitCode === 1 && complaints.length > 0 && serious.length === 0) {
      return complaints.map(presentComplaint);
    }
    const [first] = serious;
    const translated = translateToolFailure(result, {
      connection: target,
      otherwise: "RestoreFailed",
    });
    if (
      first === undefined ||
      first.statement === undefined ||
      serious.every(isDeadlock) ||
      (translated.retryable && translated.code !== "RestoreFailed")
    ) {
      throw new FaultError(translated);
    }
    throw new FaultError(objectFailed(target, serious));
  });
}

/** Nobody's fault and gone the next time: the whole restore is tried again. */
const isDeadlock = ({ message }: RestoreComplaint): boolean =>
  message.includes("deadlock detected");

const restoreArguments = ({ settings, jobs }: PgRestoreRun): string[] => [
  "--format=directory",
  "--no-password",
  ...(settings.keepOwners ? [] : ["--no-owner"]),
  ...(settings.keepPrivileges ? [] : ["--no-privileges"]),
  ...(settings.keepTablespaces ? [] : ["--no-tablespaces"]),
  ...(settings.keepComments ? [] : ["--no-comments"]),
  ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
];

function objectFailed(target: DatabaseConnection, complaints: readonly RestoreComplaint[]): Fault {
  const faults = complaints.map((complaint) =>
    fault(
      "UserErrorRestoreObjectFailed",
      { database: target.database, detail: presentComplaint(complaint) },
      {
        ...(complaint.entry === undefined ? {} : { target: complaint.entry }),
        recommendedAction: nextSteps(complaint.message),
      },
    ),
  );
  const [first, ...others] = faults;
  if (first === undefined) throw new Error("no complaint to present");
  return others.length === 0 ? first : { ...first, details: others };
}

const presentComplaint = ({ entry, message, statement }: RestoreComplaint): string =>
  [entry, message, statement === undefined ? undefined : `statement: ${statement.trim()}`]
    .filter((part) => part !== undefined)
    .join(": ");

function nextSteps(message: string): readonly string[] {
  const role = /role "([^"]+)" does not exist/.exec(message)?.[1];
  if (role !== undefined) {
    return [`CREATE ROLE "${role}"; or restore without owners and privileges.`];
  }
  const extension = /extension "([^"]+)" is not available/.exec(message)?.[1];
  if (extension !== undefined) {
    return [`Make extension "${extension}" available on the target server.`];
  }
  return [];
}
