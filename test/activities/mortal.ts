/** How many more calls a process gets done before it is dead. */
export interface Life {
  calls: number;
}

export class Dead extends Error {}

/** Lets `life.calls` calls through; after that nothing it asks for happens any more. */
export function mortal<T extends object>(store: T, life: Life): T {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return (...given: unknown[]): unknown => {
        const call = () => Reflect.apply(member, target, given) as unknown;
        if (name === "list" || name === "read") return mortalPages(call, life);
        return life.calls-- > 0 ? call() : Promise.reject(new Dead(String(name)));
      };
    },
  });
}

/** A listing counts as one call, when it begins. */
async function* mortalPages(call: () => unknown, life: Life): AsyncGenerator<unknown> {
  if (life.calls-- <= 0) throw new Dead("list");
  yield* call() as AsyncIterable<unknown>;
}
