import { expect, test } from "vitest";
import { holdOffAutovacuum } from "../../../../src/adapters/postgres/mover/hold-off-autovacuum.ts";
import type { LoadTask } from "../../../../src/adapters/postgres/mover/load-plan.ts";
import type { WireSession } from "../../../../src/adapters/postgres/mover/wire-port.ts";

const mib = 1024 * 1024;

/** Notes what is run; `LOCK` is answered with the error. */
function scene(error?: Error) {
  const log: string[] = [];
  const session: WireSession = {
    processId: 1,
    gone: new Promise(() => {}),
    execute: async (sql) => {
      log.push(sql.toString());
      if (error !== undefined && sql.toString().startsWith("LOCK")) throw error;
      return { rows: [], tags: [] };
    },
    copyOut: () => Promise.reject(new Error("not expected")),
    copyIn: () => Promise.reject(new Error("not expected")),
    close: async () => {},
    destroy: () => {},
  };
  const run = (tasks: readonly LoadTask[]): Promise<void> => holdOffAutovacuum(session, tasks);
  return { log, run };
}

function parts(name: string, ...bytes: readonly number[]): LoadTask[] {
  const file = { name: `${name}.dat`, segments: [] };
  const relation = Buffer.from(name);
  const copy = Buffer.alloc(0);
  return bytes.map((size) => ({
    kind: "table",
    file,
    label: name,
    relation,
    copy,
    segments: [],
    bytes: size,
  }));
}

test("large tables are locked, once each", async () => {
  const { log, run } = scene();
  const tasks = [...parts("a.big", mib, mib), ...parts('"B"', mib / 2, mib / 2), ...parts("s", 10)];
  await run(tasks);
  expect(log).toEqual([
    "BEGIN",
    'LOCK TABLE ONLY a.big, ONLY "B" IN SHARE UPDATE EXCLUSIVE MODE NOWAIT',
  ]);
});

test("small tables are not worth a lock", async () => {
  const { log, run } = scene();
  await run(parts("s", mib - 1));
  expect(log).toEqual([]);
});

test("no more tables are locked than a server has room for", async () => {
  const { log, run } = scene();
  await run(Array.from({ length: 600 }, (_, index) => parts(`t${index}`, mib)).flat());
  expect(log[1]?.match(/ONLY/g)).toHaveLength(500);
});

test.each(["42501", "55P03"])("what the server refuses (%s) is loaded without", async (code) => {
  const { run } = scene(Object.assign(new Error("refused"), { code }));
  await expect(run(parts("big", mib))).resolves.toBeUndefined();
});

test("a lost connection is no refusal", async () => {
  const { run } = scene(new Error("Connection terminated unexpectedly"));
  await expect(run(parts("big", mib))).rejects.toThrow("Connection terminated unexpectedly");
});
