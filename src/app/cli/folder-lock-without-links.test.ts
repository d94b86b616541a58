/** @file The lock where the file system has no links, as on a memory card's FAT. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lockFolder, lockName } from "./folder-lock.ts";

const refusal = vi.hoisted(() => ({ code: "EPERM" }));
vi.mock("node:fs/promises", async (importOriginal) => ({
  ...(await importOriginal<typeof import("node:fs/promises")>()),
  link: async () => {
    throw Object.assign(new Error(refusal.code), { code: refusal.code });
  },
}));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "potstill-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(["EPERM", "ENOTSUP"])("%s: taken, refused, given back, succeeded", async (code) => {
  refusal.code = code;
  const { release } = await lockFolder(folder);
  expect(readdirSync(folder)).toEqual([lockName]);
  const own = { pid: process.ppid, host: hostname(), id: "parent" };
  await release();
  writeFileSync(join(folder, lockName), JSON.stringify(own));
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: "run/in-use" });
  const dead = { pid: 2 ** 22 + 1, host: hostname(), id: "dead" }; // no system counts so far
  writeFileSync(join(folder, lockName), JSON.stringify(dead));
  await (await lockFolder(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test("another error is said", async () => {
  refusal.code = "EACCES";
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: "file/unwritable" });
  expect(readdirSync(folder)).toEqual([]);
});
