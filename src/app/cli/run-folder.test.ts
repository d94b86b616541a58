import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRunFolder } from "./run-folder.ts";
import { assertSameIdentity, type RunRecord, readRecord, writeRecord } from "./run-record.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "run-folder-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("run folders are numbered and never taken twice", async () => {
  const paths = [];
  for (let run = 0; run < 3; run++) paths.push((await createRunFolder(root, "digits")).path);
  paths.push((await createRunFolder(root, "other")).path);
  expect(paths).toEqual(["digits-1", "digits-2", "digits-3", "other-1"].map((n) => join(root, n)));
});

test("folders made at the same time get different numbers", async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => createRunFolder(root, "digits")));
  expect(new Set(made.map(({ path }) => path)).size).toBe(8);
});

test("a discarded folder leaves nothing, not even the folders above it", async () => {
  const folder = await createRunFolder(join(root, "a", "b"), "digits");
  await folder.store.write("run.json", new Uint8Array(1));
  await folder.discard();
  expect(readdirSync(root)).toEqual([]);
});

test("discarding keeps what was there before", async () => {
  mkdirSync(join(root, "runs"));
  const folder = await createRunFolder(join(root, "runs"), "digits");
  await folder.discard();
  expect(readdirSync(root)).toEqual(["runs"]);
});

test("a file in the folder's place is refused, and nothing is left", async () => {
  writeFileSync(join(root, "runs"), "");
  await expect(createRunFolder(join(root, "runs"), "digits")).rejects.toThrow(
    expect.objectContaining({ code: "file/unwritable" }),
  );
  expect(readdirSync(root)).toEqual(["runs"]);
});

test.skipIf(process.getuid?.() === 0)("an unwritable folder is refused", async () => {
  chmodSync(root, 0o500);
  await expect(createRunFolder(root, "digits")).rejects.toThrow(
    expect.objectContaining({ code: "file/unwritable" }),
  );
  chmodSync(root, 0o700);
  expect(existsSync(join(root, "digits-1"))).toBe(false);
});

const identity = {
  recipeHash: "aa",
  dataHash: "bb",
  teacherHash: "cc",
  version: "0.1.0",
  runtime: "onnxruntime-node",
  runtimeVersion: "1.30.0",
  node: "v20.20.2",
  threads: 1,
};

const record = (folder: string): RunRecord => ({
  format: "potstill-run-2",
  status: "failed",
  identity,
  recipe: "digits",
  commandLine: "potstill demo",
  folder,
  cpu: "a processor",
  started: "2026-01-01T00:00:00.000Z",
  ended: null,
  store: "../.store",
  resumed: 2,
  error: { code: "file/disk-full", message: "no room" },
});

test("a record is read as it was written", async () => {
  const { store } = await createRunFolder(root, "digits");
  const written = record(root);
  await writeRecord(store, written);
  expect(await readRecord(store)).toEqual(written);
});

test("a model to start from is part of a record where there is one, and named where it changed", async () => {
  const { store } = await createRunFolder(root, "digits");
  const started = { ...identity, startHash: "a".repeat(64) };
  await writeRecord(store, { ...record(root), identity: started });
  expect((await readRecord(store)).identity).toEqual(started);
  for (const [then, shown] of [
    [{ ...identity, startHash: "b".repeat(64) }, "bbbbbbbbbbbb"],
    [identity, "none"],
  ] as const)
    expect(() => assertSameIdentity("runs/a-1", then, started)).toThrow(
      `another state of the model to start from (${shown} then, aaaaaaaaaaaa now)`,
    );
});

test("a run is resumed only by what started it; every difference is named", () => {
  expect(() => assertSameIdentity("runs/a-1", identity, identity)).not.toThrow();
  const now = { ...identity, dataHash: "dd", runtimeVersion: "1.31.0", threads: 2 };
  expect(() => assertSameIdentity("runs/a-1", identity, now)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: runs/a-1: a run can only be resumed by what started it, got another state of the data (bb then, dd now), the runtime's version (1.30.0 then, 1.31.0 now), the number of threads (1 then, 2 now). Bring it back, or start a new run.]`,
  );
});
