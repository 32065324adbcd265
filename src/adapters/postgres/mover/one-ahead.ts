/** Asks for the next item before the present one is done with: one is made while one is used. */
export async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (let next = source.next(); ; ) {
      const { done, value } = await next;
      if (done === true) return;
      next = source.next();
      // Its failure is for whoever asks for it; who never does must not fall over it.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await source.return(undefined);
  }
}
