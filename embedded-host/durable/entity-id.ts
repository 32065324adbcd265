/** `@name@key`; names are compared in lower case, keys as they are. */
export function formatEntityId(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

export function isEntityId(id: string): boolean {
  return id.startsWith("@");
}

export function parseEntityId(id: string): { name: string; key: string } {
  const split = id.indexOf("@", 1);
  if (!isEntityId(id) || split < 0) throw new Error(`"${id}" is not an entity id (@name@key).`);
  return { name: id.slice(1, split).toLowerCase(), key: id.slice(split + 1) };
}
