import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isDistillError } from "../../errors/index.ts";
import { lockFolder, lockName } from "./folder-lock.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "potstill-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writeLock = (holder: object): void =>
  writeFileSync(join(folder, lockName), JSON.stringify(holder));

async function refusal(): Promise<string> {
  try {
    await lockFolder(folder);
  } catch (error) {
    if (isDistillError(error)) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "taken";
}

/** The number of a process that has ended. */
function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  return new Promise((done) => child.on("exit", () => done(child.pid!))); // it was started
}

test("a folder is made, taken, and given back without a trace", async () => {
  const inner = join(folder, "a", "b");
  const { release } = await lockFolder(inner);
  expect(readdirSync(inner)).toEqual([lockName]);
  await release();
  expect(readdirSync(inner)).toEqual([]);
  await release();
});

test("what was made for nothing is removed with its parents, what was there stays", async () => {
  const outer = join(folder, "a");
  await (await lockFolder(join(outer, "b"))).discard();
  expect(readdirSync(folder)).toEqual([]);
  mkdirSync(outer);
  await (await lockFolder(outer)).discard();
  expect(existsSync(outer)).toBe(true);
});

test("a living process's folder is refused, and its lock stays", async () => {
  writeLock({ pid: process.ppid, host: hostname(), id: "parent" });
  expect(await refusal()).toContain(
    `[run/in-use] ${folder}: one process at a time works in a folder, got process ${process.ppid}`,
  );
  writeLock({ pid: 1, host: "another machine", id: "far" });
  expect(await refusal()).toContain("on another machine, which is at work there");
  expect(readdirSync(folder)).toEqual([lockName]);
});

test("a dead process's lock is taken over, also one that was cut off, or of our own number", async () => {
  for (const holder of [
    { pid: await deadProcess(), host: hostname(), id: "dead" },
    { pid: process.pid, host: hostname(), id: "earlier" },
  ]) {
    writeLock(holder);
    await (await lockFolder(folder)).release();
    expect(existsSync(join(folder, lockName))).toBe(false);
  }
  writeFileSync(join(folder, lockName), "");
  await (await lockFolder(folder)).release();
});

test("files that a killed process had begun are removed; others stay, and all in a folder without its lock", async () => {
  const names = ["step-0.safetensors", "step-1.safetensors.partial"];
  mkdirSync(join(folder, "jobs", "x"), { recursive: true });
  for (const name of names) writeFileSync(join(folder, "jobs", "x", name), "");
  await (await lockFolder(folder)).release();
  expect(readdirSync(join(folder, "jobs", "x"))).toEqual(names);
  writeLock({ pid: await deadProcess(), host: hostname(), id: "dead" });
  await (await lockFolder(folder)).release();
  expect(readdirSync(join(folder, "jobs", "x"))).toEqual(["step-0.safetensors"]);
});

test("of eight processes that want a dead one's folder at once, one has it", async () => {
  writeLock({ pid: await deadProcess(), host: hostname(), id: "dead" });
  const program = `
    import { lockFolder } from ${JSON.stringify(join(process.cwd(), "dist/app/cli/folder-lock.js"))};
    await lockFolder(${JSON.stringify(folder)}).then(
      () => { console.log("taken"); setTimeout(() => {}, 3000); },
      (error) => console.log(error.code));
  `;
  const children = Array.from({ length: 8 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", program]),
  );
  const answers = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((done) =>
          child.stdout.once("data", (data) => done(String(data).trim())),
        ),
    ),
  );
  for (const child of children) child.kill("SIGKILL");
  expect(answers.filter((answer) => answer === "taken").length).toBe(1);
  expect(answers.filter((answer) => answer === "run/in-use").length).toBe(7);
});
