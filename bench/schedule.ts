import { crowdCosts } from "./schedule-crowd.ts";

/**
 * What one tick costs with ten rows due among so many protected instances: storage requests and
 * entities read, counted at the adapters, and time over the in-memory ones, whose index is ordered
 * as Azure's is (Azurite scans its tables, so its times say nothing here).
 */
const totals = [1_000, 10_000, 100_000] as const;

export async function run(args: readonly string[]): Promise<Record<string, number>> {
  const limit = Number(args.find((arg) => /^\d+$/.test(arg)) ?? totals.at(-1));
  const figures: Record<string, number> = {};
  console.log("instances  tick       due  requests  entities  ms (median of 20)");
  for (const total of totals.filter((count) => count <= limit)) {
    const costs = await crowdCosts(total);
    for (const [name, { requests, entities, tickMs, due }] of Object.entries(costs)) {
      const prefix = name === "schedule" ? "" : `${name}_`;
      figures[`${prefix}requests_at_${total}`] = requests;
      figures[`${prefix}entities_at_${total}`] = entities;
      figures[`${prefix}tick_ms_at_${total}`] = tickMs;
      const cells = [
        String(total).padStart(9),
        name.padEnd(9),
        String(due).padStart(4),
        String(requests).padStart(8),
        String(entities).padStart(8),
        tickMs.toFixed(2).padStart(8),
      ];
      console.log(cells.join("  "));
    }
  }
  return figures;
}
