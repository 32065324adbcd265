import type { LogCategory, LogLevel, WriteLog } from "./log.ts";
import type { CoreInvocationContext, FunctionCallback } from "./programming-model.ts";
import type { Registration, Registry } from "./registry.ts";
import type { Invocation, InvocationResult } from "./worker-port.ts";

/** Data that hooks share: `hookData` per invocation, `appHookData` for the life of the app. */
type HookData = Record<string, unknown>;

interface Environment {
  readonly registry: Registry;
  readonly appHookData: HookData;
  readonly log: WriteLog;
}

/**
 * One invocation through the app's programming model: arguments, pre hooks, handler, post hooks,
 * response. Hooks see and may replace inputs, handler, result and error, in registration order.
 */
export async function runInvocation(
  registration: Registration,
  invocation: Invocation,
  environment: Environment,
): Promise<InvocationResult> {
  const { registry, appHookData } = environment;
  const model = registry.programmingModel;
  if (model === undefined) throw new Error("The app has set no programming model.");
  const core = createCoreContext(registration, invocation, environment);
  const invocationModel = model.getInvocationModel(core);
  const { context, inputs } = await invocationModel.getArguments();
  const hookData: HookData = {};

  core.state = "preInvocationHooks";
  const pre = {
    hookData,
    appHookData,
    invocationContext: context,
    functionCallback: registration.callback,
    inputs,
  };
  await runHooks(registry, "preInvocation", pre);

  core.state = "invocation";
  const outcome = await settle(() =>
    invocationModel.invokeFunction(context, pre.inputs, pre.functionCallback),
  );

  core.state = "postInvocationHooks";
  const post = {
    hookData,
    appHookData,
    invocationContext: context,
    inputs: pre.inputs,
    result: outcome.result,
    error: outcome.error,
  };
  await runHooks(registry, "postInvocation", post);
  if (post.error !== undefined && post.error !== null) throw asError(post.error);
  const response = await invocationModel.getResponse(context, post.result);
  return { returnValue: response.returnValue, outputData: response.outputData ?? [] };
}

export async function runHooks(
  registry: Registry,
  name: "preInvocation" | "postInvocation" | "appStart" | "appTerminate",
  context: unknown,
): Promise<void> {
  for (const hook of registry.hooks(name)) await hook(context);
}

function createCoreContext(
  { metadata }: Registration,
  { invocationId, inputData, triggerMetadata, retryContext }: Invocation,
  { registry, appHookData, log }: Environment,
): CoreInvocationContext {
  return {
    invocationId,
    metadata,
    request: {
      invocationId,
      functionId: metadata.functionId ?? metadata.name,
      inputData,
      triggerMetadata,
      traceContext: {},
      ...(retryContext === undefined ? {} : { retryContext }),
    },
    state: undefined,
    log(level: LogLevel, category: LogCategory, message: string) {
      const entry = { hookData: {}, appHookData, level, category, message };
      // The library filters nothing; log hooks may rewrite or raise the entry.
      for (const hook of registry.hooks("log")) hook(entry);
      log({
        level: entry.level,
        category: entry.category,
        message: entry.message,
        functionName: metadata.name,
        invocationId,
      });
    },
  };
}

/** The handler's error is kept, not thrown: post hooks come first and may replace it. */
async function settle(
  run: () => ReturnType<FunctionCallback>,
): Promise<{ result: unknown; error: unknown }> {
  try {
    return { result: await run(), error: undefined };
  } catch (error) {
    // A thrown null or undefined is still a failure.
    return { result: undefined, error: error ?? new Error(`The handler threw ${String(error)}.`) };
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
