/** Keys in ordinal order, so that finding those of a prefix costs what it finds. */
export interface OrderedKeys {
  add(key: string): void;
  delete(key: string): void;
  startingWith(prefix: string): readonly string[];
}

export function createOrderedKeys(): OrderedKeys {
  const keys: string[] = [];
  const indexOf = (key: string): number => {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(key) {
      const index = indexOf(key);
      if (keys[index] !== key) keys.splice(index, 0, key);
    },
    delete(key) {
      const index = indexOf(key);
      if (keys[index] === key) keys.splice(index, 1);
    },
    startingWith(prefix) {
      const start = indexOf(prefix);
      let end = start;
      while (keys[end]?.startsWith(prefix) === true) end += 1;
      return keys.slice(start, end);
    },
  };
}
