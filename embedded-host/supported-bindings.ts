import type { RegisteredFunction } from "./core/worker-port.ts";
import { SettingsError } from "./json-file.ts";

/** Compared without regard to case. */
const SUPPORTED = {
  trigger: [
    "httpTrigger",
    "timerTrigger",
    "eventGridTrigger",
    "orchestrationTrigger",
    "activityTrigger",
    "entityTrigger",
  ],
  input: ["durableClient", "orchestrationClient"],
  output: ["http"],
} as const;

/** Throws one error that names every binding which this host would have to ignore. */
export function checkBindings(functions: readonly RegisteredFunction[]): void {
  const problems = functions.flatMap((fn) =>
    Object.entries(fn.bindings)
      .filter(([name, binding]) => !isSupported(name === fn.triggerBindingName, binding))
      .map(
        ([name, binding]) =>
          `Function "${fn.name}": binding "${name}" has type "${binding.type}", which this host does not implement.`,
      ),
  );
  if (problems.length === 0) return;
  const { trigger, input, output } = SUPPORTED;
  problems.push(
    `Supported are the triggers ${trigger.join(", ")}, the input ${input[0]} and the output ${output.join(", ")}. Set AzureWebJobs.<name>.Disabled to "true" to run the app without such a function.`,
  );
  throw new SettingsError(problems.join("\n"));
}

function isSupported(isTrigger: boolean, binding: { type: string; direction?: string }): boolean {
  if (isTrigger) return includes(SUPPORTED.trigger, binding.type);
  return includes(binding.direction === "out" ? SUPPORTED.output : SUPPORTED.input, binding.type);
}

function includes(types: readonly string[], type: string): boolean {
  return types.some((known) => known.toLowerCase() === type.toLowerCase());
}
