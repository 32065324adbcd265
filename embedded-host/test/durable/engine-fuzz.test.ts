import { beforeAll, describe, expect, it } from "vitest";
import type { WorkerPort } from "../../core/worker-port.ts";
import { type DurableUnderTest, startFixtureWorker, withDurable } from "./durable-harness.ts";
import { isPossible } from "./possible-outcome.ts";
import { eventsOf, ProgramGenerator, seededRandom } from "./random-program.ts";
import { expectedOf } from "./reference-model.ts";

const PROGRAMS = 300;
const MAX_DURATION_MS = 30;

let worker: WorkerPort;
beforeAll(async () => {
  worker = await startFixtureWorker();
});

async function runProgram(durable: DurableUnderTest, seed: number) {
  const program = new ProgramGenerator(seededRandom(seed), MAX_DURATION_MS).program();
  const id = await durable.start("program", program, `seed-${seed}`);
  for (const { name, value, atMs } of eventsOf(program)) {
    setTimeout(() => void durable.raise(id, name, value), atMs);
  }
  const status = await durable.ended(id, 30_000);
  const outcome =
    status.runtimeStatus === "Completed"
      ? status.output
      : `failed ${/x(\d+)/.exec(String(status.output))?.[1]}`;
  const detail = `seed ${seed}: ${JSON.stringify(program)} -> ${JSON.stringify(status)}`;
  expect(isPossible(program, outcome), detail).toBe(true);
  return expectedOf(program, 0).signals;
}

describe("random programs on the whole engine, many at once", () => {
  it(`end in a possible outcome and signal exactly once, ${PROGRAMS} times`, () =>
    withDurable(worker, async (durable) => {
      // Look further with another: the gate must say the same of the same code.
      const firstSeed = Number(process.env["ENGINE_FUZZ_SEED"] ?? 20_261_121);
      const seeds = Array.from({ length: PROGRAMS }, (_, n) => firstSeed + n);
      const signals = await Promise.all(seeds.map((seed) => runProgram(durable, seed)));
      for (const key of ["k0", "k1", "k2"]) {
        const expected = signals.reduce((sum, perKey) => sum + (perKey[key] ?? 0), 0);
        const total = async () =>
          Number((await durable.request("GET", `entities/adder/${key}`)).body);
        await expect
          .poll(total, { timeout: 5_000, message: `first seed ${firstSeed}` })
          .toBe(expected);
      }
    }));
});
