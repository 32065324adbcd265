import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  batchTasks,
  type LoadBatch,
} from "../../../../src/adapters/postgres/mover/load-batches.ts";
import type { LoadTask } from "../../../../src/adapters/postgres/mover/load-plan.ts";

const kib = 1024;

describe("loading small tables", () => {
  test("shares a request among neighbours, after the large tables", () => {
    const large = task("large", 0, 100 * kib, 400 * kib);
    const batches = batchTasks([large, task("b", 0, 60 * kib, 10), task("a", 0, 0, 60 * kib)]);
    expect(batches.map(names)).toEqual([["large"], ["a", "b"]]);
  });

  test("reads no range across packs, nor one with a wide gap", () => {
    const tasks = [task("a", 0, 0, 10), task("b", 1, 0, 10), task("c", 1, 2048 * kib, 10)];
    expect(batchTasks(tasks).map(names)).toEqual([["a"], ["b"], ["c"]]);
  });

  test("loads every table once, small neighbours of one pack within 1 MiB", () => {
    const place = fc.tuple(fc.nat(2), fc.nat(4096 * kib), fc.integer({ min: 1, max: 512 * kib }));
    fc.assert(
      fc.property(fc.array(place), (places) => {
        const tasks = places.map(([pack, offset, length], index) =>
          task(String(index), pack, offset, length),
        );
        const batches = batchTasks(tasks);
        expect(batches.flatMap(names).toSorted()).toEqual(tasks.map(nameOf).toSorted());
        for (const { tasks: members } of batches) {
          if (members.length === 1) continue;
          const segments = members.flatMap((each) => (each.kind === "table" ? each.segments : []));
          const offsets = segments.map(({ offset }) => offset);
          const ends = segments.map(({ offset, length }) => offset + length);
          expect(new Set(segments.map(({ pack }) => pack)).size).toBe(1);
          expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
          expect(Math.max(...ends) - Math.min(...offsets)).toBeLessThanOrEqual(1024 * kib);
        }
      }),
    );
  });
});

const nameOf = (member: LoadBatch["tasks"][number]): string =>
  member.kind === "table" ? member.label : member.kind;

const names = (batch: LoadBatch): string[] => batch.tasks.map(nameOf);

function task(label: string, pack: number, offset: number, length: number): LoadTask {
  const segments = [{ pack, offset, length, sha256: "", rawLength: length * 3 }];
  const file = { name: `${label}.dat`, segments };
  return {
    kind: "table",
    file,
    label,
    relation: Buffer.alloc(0),
    copy: Buffer.alloc(0),
    segments,
    bytes: length * 3,
  };
}
