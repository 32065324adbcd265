import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "../../durable/sqlite-store.ts";
import type { DurableStore, InstanceRecord } from "../../durable/store.ts";

function withFile<T>(use: (file: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "store-"));
  try {
    return use(join(directory, "s.db"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const record = (id: string): InstanceRecord => ({
  id,
  name: "o",
  version: "",
  executionId: "e",
  parent: {
    Name: "p",
    TaskScheduleId: 3,
    OrchestrationInstance: { InstanceId: "p1", ExecutionId: "x" },
  },
  status: "Running",
  input: '{"a":1}',
  output: null,
  customStatus: null,
  createdAt: 5,
  updatedAt: 6,
});
const ids = (store: DurableStore, idPrefix: string) =>
  store.listInstances({ idPrefix, limit: 10 }).map(({ id }) => id);

describe("the SQLite store", () => {
  it("rolls a failed transaction back as a whole and stays usable", () => {
    const store = openSqliteStore(":memory:");
    const failing = () =>
      store.transaction(() => {
        store.putInstance(record("a"));
        store.addMessage("a", null, 1, { n: 1 });
        throw new Error("half way");
      });
    expect(failing).toThrow("half way");
    expect([store.getInstance("a"), store.dueRecipients(9)]).toEqual([undefined, []]);
    store.transaction(() => store.putInstance(record("a")));
    expect(store.getInstance("a")).toEqual(record("a"));
    store.close();
  });

  it("hands out messages by visibility, then arrival, and never before their time", () => {
    const store = openSqliteStore(":memory:");
    for (const [visibleAt, n] of [
      [30, 1],
      [10, 2],
      [20, 3],
      [10, 4],
    ] as const) {
      store.addMessage("i", "e", visibleAt, { n });
    }
    const due = (now: number) => store.dueMessages("i", now).map(({ text }) => JSON.parse(text).n);
    expect([due(9), due(10), due(25), due(30)]).toEqual([[], [2, 4], [2, 4, 3], [2, 4, 3, 1]]);
    expect([store.nextVisibleAt(9), store.nextVisibleAt(20), store.nextVisibleAt(30)]).toEqual([
      10,
      30,
      undefined,
    ]);
    store.close();
  });

  it("takes prefixes literally, whatever characters they hold", () => {
    const store = openSqliteStore(":memory:");
    for (const id of ["a%1", "a_1", "ab1", "ä😀1"]) store.putInstance(record(id));
    expect([ids(store, "a%"), ids(store, "a_"), ids(store, "ä😀")]).toEqual([
      ["a%1"],
      ["a_1"],
      ["ä😀1"],
    ]);
    store.close();
  });

  it("keeps what was committed when it is opened again", () =>
    withFile((file) => {
      const first = openSqliteStore(file);
      first.transaction(() => {
        first.putInstance(record("a"));
        first.appendHistory("a", 0, ["1", "2"]);
        first.putEntity({ id: "@c@k", state: "7", updatedAt: 1 });
      });
      first.close();
      const second = openSqliteStore(file);
      expect([second.readHistory("a"), second.getEntity("@c@k")?.state]).toEqual([["1", "2"], "7"]);
      second.close();
    }));

  it("refuses a file that a newer host wrote", () =>
    withFile((file) => {
      const db = new DatabaseSync(file);
      db.exec("PRAGMA user_version=99");
      db.close();
      expect(() => openSqliteStore(file)).toThrow("schema 99");
    }));
});
