import { expect, test } from "vitest";
import { createTransferMeter } from "../../../../src/adapters/postgres/mover/transfer-meter.ts";
import type { TransferControl } from "../../../../src/ports/data-mover.ts";

test("a table in parts counts as one, done with the last of them", () => {
  type Progress = Parameters<TransferControl["onProgress"]>[0];
  const told: Progress[] = [];
  let nowMs = 0;
  const control = {
    signal: new AbortController().signal,
    onProgress: (progress: Progress) => told.push(progress),
  };
  const orders = { name: "orders" };
  const part = { kind: "table" as const, file: orders, bytes: 100 };
  const other = { kind: "table" as const, file: { name: "other" }, bytes: 50 };
  const objects = { kind: "large-objects" as const, bytes: 10 };
  const meter = createTransferMeter(control, [part, { ...part }, other, objects], () => nowMs);
  const done = (task: typeof part | typeof objects) => {
    meter.taskDone(task);
    const { tablesDone, tablesTotal } = told.at(-1) ?? {};
    return `${tablesDone} of ${tablesTotal}`;
  };
  expect([part, objects, { ...part }, other].map(done)).toEqual([
    "0 of 2",
    "0 of 2",
    "1 of 2",
    "2 of 2",
  ]);
  nowMs = 2_000;
  meter.add(300);
  expect(told.at(-1)).toMatchObject({ bytesDone: 300, bytesTotal: 300, bytesPerSecond: 150 });
});
