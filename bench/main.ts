/**
 * `npm run bench -- NAME …`: a table for people, and as its last line one JSON object. Without a
 * name: the data mover against `pg_dump | upload`.
 */
const benches = ["mover", "memory", "schedule", "api"] as const;

const [name = "mover", ...args] = process.argv.slice(2);
if (!benches.some((bench) => bench === name)) {
  console.error(`Usage: npm run bench -- ${benches.join(" | ")} [options]`);
  process.exit(64);
}
const bench: { run(args: readonly string[]): Promise<Record<string, unknown>> } = await import(
  `./${name}.ts`
);
console.log(JSON.stringify(await bench.run(args)));
