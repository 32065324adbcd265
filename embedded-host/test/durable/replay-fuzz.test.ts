import { beforeAll, describe, expect, it } from "vitest";
import type { WorkerPort } from "../../core/worker-port.ts";
import { startFixtureWorker } from "./durable-harness.ts";
import { ProgramGenerator, seededRandom } from "./random-program.ts";
import { expectedOf } from "./reference-model.ts";
import { VirtualEngine } from "./virtual-engine.ts";

const PROGRAMS = Number(process.env["REPLAY_FUZZ_PROGRAMS"] ?? 2_500);
const MAX_DURATION_MS = 50_000_000;
const START = Date.parse("2026-01-01T00:00:00Z");

let worker: WorkerPort;
beforeAll(async () => {
  worker = await startFixtureWorker();
});

describe("replay of random programs over the real SDK, in virtual time", () => {
  it(`agrees with the reference model in outcome, end, activity runs and signals, ${PROGRAMS} times`, async () => {
    const firstSeed = Number(process.env["REPLAY_FUZZ_SEED"] ?? 20_261_121);
    const kinds = new Map<string, number>();
    for (let seed = firstSeed; seed < firstSeed + PROGRAMS; seed += 1) {
      const program = new ProgramGenerator(seededRandom(seed), MAX_DURATION_MS).program();
      const found = await new VirtualEngine(worker).run(program, START).catch((error) => error);
      const text = JSON.stringify(program);
      expect(found, `seed ${seed}: ${text}`).toEqual(expectedOf(program, START));
      for (const [kind] of text.matchAll(/"kind":"\w+"|"cancelsTimers":true/g)) {
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    // The generator must not quietly stop to produce one of the shapes.
    expect(kinds.size).toBe(10);
    for (const [kind, seen] of kinds) expect(seen, kind).toBeGreaterThan(PROGRAMS / 100);
  });
});
