/** Distinct keys in ordinal order; what an operation costs hardly grows with how many there are. */
export interface OrderedKeys {
  add(key: string): void;
  delete(key: string): void;
  /** Keys not less than `key`, in order. */
  from(key: string): Iterable<string>;
}

/** Keys of one chunk: moving so many is cheap, and so is searching so many chunks. */
const chunkLimit = 512;

export function createOrderedKeys(): OrderedKeys {
  const chunks: string[][] = [[]];

  /** The only chunk that holds the key or may take it, and the key's place there. */
  const find = (key: string): { index: number; chunk: string[]; at: number } => {
    const found = firstIndex(chunks.length, (n) => (chunks[n]?.at(-1) ?? "") >= key);
    const index = Math.min(found, chunks.length - 1);
    const chunk = chunks[index] ?? [];
    return { index, chunk, at: firstIndex(chunk.length, (n) => (chunk[n] ?? "") >= key) };
  };

  return {
    add(key) {
      const { index, chunk, at } = find(key);
      if (chunk[at] === key) return;
      chunk.splice(at, 0, key);
      if (chunk.length > chunkLimit) chunks.splice(index + 1, 0, chunk.splice(chunkLimit / 2));
    },
    delete(key) {
      const { index, chunk, at } = find(key);
      if (chunk[at] !== key) return;
      chunk.splice(at, 1);
      if (chunk.length === 0 && chunks.length > 1) chunks.splice(index, 1);
    },
    *from(key) {
      const { index, at } = find(key);
      for (let n = index; n < chunks.length; n += 1)
        yield* chunks[n]?.slice(n === index ? at : 0) ?? [];
    },
  };
}

/** First index below `length` at which the condition holds, as it does from there on. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
