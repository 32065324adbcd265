import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyFiles } from "../../../src/adapters/secrets/key-files.ts";

const key = randomBytes(32);
let folder: string;
let readKey: ReturnType<typeof createKeyFiles>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgvault-keys-"));
  await mkdir(join(folder, "keys"));
  readKey = createKeyFiles(join(folder, "keys"));
  await writeFile(join(folder, "outside"), key, { mode: 0o600 });
  await writeFile(join(folder, "keys", "main"), key, { mode: 0o600 });
  await writeFile(join(folder, "keys", "short"), key.subarray(1), { mode: 0o600 });
  await writeFile(join(folder, "keys", "open"), key);
  await chmod(join(folder, "keys", "open"), 0o644);
  await mkdir(join(folder, "keys", "folder"), { mode: 0o700 });
});

afterAll(() => rm(folder, { recursive: true }));

describe("keys in files", () => {
  it("are read by name", async () => {
    expect(Buffer.from((await readKey("main")) ?? [])).toEqual(key);
  });

  it.each(["absent", "", "..", "../outside", "/etc/passwd", "a\0b"])(
    "are none where the name is %j",
    async (name) => expect(await readKey(name)).toBeUndefined(),
  );

  it.each([
    ["short", /holds 31 bytes, not 32/],
    ["open", /chmod 600/],
    ["folder", /cannot be read \(EISDIR\)/],
  ])("are refused when %s", async (name, message) => {
    await expect(readKey(name)).rejects.toMatchObject({
      fault: { code: "UserErrorEncryptionKeyUnusable", message: expect.stringMatching(message) },
    });
  });
});
