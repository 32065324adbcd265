import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** What a room may import: other rooms (by value or only as types), and packages. */
interface Room {
  readonly rooms: readonly string[];
  readonly typesOf?: readonly string[];
  /** `*` allows any package; `node:` any Node built-in. */
  readonly packages: readonly string[];
  readonly banned?: readonly RegExp[];
}

const nondeterminism = [
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /\brandomUUID\b/,
  /\bsetTimeout\b/,
  /\bsetInterval\b/,
  /\bfetch\(/,
  /\bprocess\./,
  /\bperformance\.now\b/,
] as const;

const environment = [/\bprocess\.env\b/] as const;

/** The table of design.md §3 and style.md §2. Data flows one way. */
export const rooms: Readonly<Record<string, Room>> = {
  domain: {
    rooms: ["domain"],
    packages: ["temporal-polyfill", "windows-iana"],
    banned: nondeterminism,
  },
  contract: { rooms: ["contract", "domain"], packages: ["zod"], banned: environment },
  ports: { rooms: ["ports", "domain"], packages: [], banned: nondeterminism },
  workflows: {
    rooms: ["workflows", "domain"],
    typesOf: ["ports", "activities"],
    packages: [],
    banned: nondeterminism,
  },
  activities: { rooms: ["activities", "domain", "ports"], packages: [], banned: environment },
  adapters: {
    rooms: ["adapters", "domain", "ports"],
    packages: ["*", "node:"],
    banned: environment,
  },
  triggers: {
    rooms: ["triggers", "contract", "domain", "ports", "workflows"],
    typesOf: ["activities"],
    packages: ["@azure/functions", "durable-functions", "zod", "jose", "node:"],
    banned: environment,
  },
  composition: {
    rooms: ["*"],
    packages: ["*", "node:"],
  },
};

/** The only file that may read the environment. */
const environmentReader = "composition/config.ts";

export interface Finding {
  readonly file: string;
  readonly problem: string;
}

export interface Inspection {
  readonly filesSeen: number;
  readonly roomsSeen: readonly string[];
  readonly findings: readonly Finding[];
}

/** Reads every source file below `sourceRoot` and holds it against the table. */
export function inspectLayers(sourceRoot: string): Inspection {
  const files = globSync("**/*.{ts,tsx}", { cwd: sourceRoot }).toSorted();
  const findings = files.flatMap((file) =>
    inspectFile(file, readFileSync(path.join(sourceRoot, file), "utf8")),
  );
  const roomsSeen = [...new Set(files.map(roomOf))].toSorted();
  return { filesSeen: files.length, roomsSeen, findings };
}

function inspectFile(file: string, text: string): readonly Finding[] {
  const name = roomOf(file);
  const room = rooms[name];
  if (room === undefined) return [{ file, problem: `'${name}' is not a room of the table` }];
  const code = withoutComments(text);
  const imports = importsOf(code).flatMap((found) => {
    const problem = judgeImport(file, room, found);
    return problem === undefined ? [] : [{ file, problem }];
  });
  const banned = [...(room.banned ?? []), ...environmentBan(file)].flatMap((pattern) =>
    pattern.test(code) ? [{ file, problem: `uses ${pattern.source}` }] : [],
  );
  return [...imports, ...banned];
}

const environmentBan = (file: string): readonly RegExp[] =>
  file === environmentReader ? [] : environment;

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\s\S]*?\sfrom\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

const importsOf = (code: string): readonly Import[] =>
  [...code.matchAll(importPattern)].map((match) => ({
    specifier: match[2] ?? match[3] ?? "",
    isTypeOnly: match[1] !== undefined,
  }));

function judgeImport(file: string, room: Room, { specifier, isTypeOnly }: Import) {
  if (!specifier.startsWith(".")) return judgePackage(room, specifier);
  if (!/\.tsx?$/.test(specifier)) return `imports '${specifier}' without its .ts ending`;
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (target.startsWith("..")) return `imports '${specifier}' from outside src`;
  const targetRoom = roomOf(target);
  if (roomOf(file) === "adapters" && targetRoom === "adapters") return judgeAdapter(file, target);
  if (room.rooms.includes("*") || room.rooms.includes(targetRoom)) return undefined;
  if (isTypeOnly && room.typesOf?.includes(targetRoom) === true) return undefined;
  return `may not import from room '${targetRoom}' ('${specifier}')`;
}

/** An adapter keeps to its own folder. */
function judgeAdapter(file: string, target: string): string | undefined {
  const [, own] = file.split("/");
  const [, other] = target.split("/");
  return own === other ? undefined : `adapter '${own}' may not import from adapter '${other}'`;
}

function judgePackage(room: Room, specifier: string): string | undefined {
  const isNode = specifier.startsWith("node:");
  const isAllowed = room.packages.some((allowed) =>
    allowed === "*"
      ? !isNode
      : allowed === "node:"
        ? isNode
        : specifier === allowed || specifier.startsWith(`${allowed}/`),
  );
  return isAllowed ? undefined : `may not import package '${specifier}'`;
}

const roomOf = (file: string): string => file.split("/")[0] ?? "";

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|[^:"'`])\/\/.*$/gm, "$1");
