import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import type { Status } from "./durable-harness.ts";

const CHILD = join(import.meta.dirname, "../fixtures/durable-app/crash-child.mjs");
const KILLS = 25;
const MAX_CONCURRENT_ACTIVITIES = 6;

const directory = mkdtempSync(join(tmpdir(), "durable-crash-"));
const stateFile = join(directory, "state.db");
const journal = join(directory, "journal");
afterAll(() => rmSync(directory, { recursive: true }));

interface FinalReport {
  instances: Status[];
  totals: number[];
}

/** Kills the child with -9 at a random moment of its start, or after it said that it had started. */
function runAndKill(duringStart: boolean): Promise<void> {
  const child = fork(CHILD, [stateFile, journal], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    const kill = () => setTimeout(() => child.kill("SIGKILL"), Math.random() * 250);
    if (duringStart) kill();
    else child.once("message", kill);
    child.once("exit", (code, signal) => {
      if (signal === "SIGKILL") resolve();
      else reject(new Error(`The child ended by itself with ${code}.`));
    });
  });
}

function runToTheEnd(): Promise<FinalReport> {
  const child = fork(CHILD, [stateFile, journal, "--finish"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    let report: FinalReport | undefined;
    child.on("message", (message) => {
      if (typeof message === "object") report = message as unknown as FinalReport;
    });
    child.once("exit", (code) => {
      if (report === undefined) reject(new Error(`The child ended with ${code} and no report.`));
      else resolve(report);
    });
  });
}

describe("a host killed with -9 again and again", () => {
  it("loses, doubles and spoils no orchestration, and no entity operation", async () => {
    for (let kill = 0; kill < KILLS; kill += 1) await runAndKill(kill % 5 === 4);
    const { instances, totals } = await runToTheEnd();

    const work = instances.filter(({ name }) => name === "crashWork");
    console.log(`${KILLS} kills, ${work.length} orchestrations`);
    expect(work.length).toBeGreaterThan(KILLS);
    for (const [n, status] of work.entries()) {
      expect(status).toMatchObject({
        instanceId: `w-${String(n).padStart(4, "0")}`,
        runtimeStatus: "Completed",
        output: { n, sum: 4 * (3 * n + 6), released: true },
      });
    }
    // One call of 1 and one signal of 10 each, spread over three entities.
    const expected = [0, 1, 2].map((k) => work.filter((_, n) => n % 3 === k).length * 11);
    expect(totals).toEqual(expected);
    const children = instances.filter(({ name }) => name === "fanOut");
    expect(children.length).toBe(work.length);

    const runs = readFileSync(journal, "utf8").split("\n").length - 1;
    expect(runs).toBeGreaterThanOrEqual(3 * work.length);
    expect(runs).toBeLessThanOrEqual(3 * work.length + KILLS * MAX_CONCURRENT_ACTIVITIES);

    const db = new DatabaseSync(stateFile, { readOnly: true });
    expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    for (const table of ["inbox", "activities"]) {
      expect(db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get()).toEqual({ n: 0 });
    }
    db.close();
  });
});
