import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadBatch } from "../../../../src/adapters/postgres/mover/load-batches.ts";
import { LoadQueue } from "../../../../src/adapters/postgres/mover/load-queue.ts";

describe("the order of loading", () => {
  it("keeps connections on different tables while there are several", () => {
    const queue = new LoadQueue(["big 1", "big 2", "big 3", "middle", "small"].map(batch));
    const taken = [queue.take(), queue.take(), queue.take()];
    expect(taken.map(nameOf)).toEqual(["big 1", "middle", "small"]);
    queue.done(batch("middle"));
    expect([queue.take(), queue.take(), queue.take()].map(nameOf)).toEqual(["big 2", "big 3", ""]);
  });

  it("goes on with the table that has become free, the largest first", () => {
    const queue = new LoadQueue(["big 1", "big 2", "middle 1", "middle 2"].map(batch));
    queue.take();
    queue.take();
    queue.done(batch("middle 1"));
    queue.done(batch("big 1"));
    expect(nameOf(queue.take())).toBe("big 2");
  });

  it("hands everything out once, and never shares a table while another waits untouched", () => {
    const names = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.nat(9)));
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat(3)), (wanted, choices) => {
        const batches = wanted.map(([table, part]) => batch(`${table} ${part}`));
        const queue = new LoadQueue(batches);
        const waiting = [...batches];
        const active: LoadBatch[] = [];
        for (const _batch of batches) {
          for (const end of active.splice(0, choices.next().value)) queue.done(end);
          const next = queue.take();
          if (next === undefined) throw new Error("a batch was lost");
          waiting.splice(waiting.indexOf(next), 1);
          const busy = new Set(active.map(tableOf));
          if (busy.has(tableOf(next))) {
            expect(waiting.every((other) => busy.has(tableOf(other)))).toBe(true);
          }
          active.push(next);
        }
        expect(waiting).toEqual([]);
        expect(queue.take()).toBeUndefined();
      }),
    );
  });
});

function batch(label: string): LoadBatch {
  const file = { name: `${label.split(" ")[0]}.dat`, segments: [] };
  return {
    tasks: [
      {
        kind: "table",
        file,
        label,
        relation: Buffer.alloc(0),
        copy: Buffer.alloc(0),
        segments: [],
        bytes: 0,
      },
    ],
  };
}

const nameOf = (taken: LoadBatch | undefined): string => {
  const first = taken?.tasks[0];
  return first?.kind === "table" ? first.label : "";
};

const tableOf = (taken: LoadBatch): string => nameOf(taken).split(" ")[0] ?? "";
