import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { parseRecipe } from "../../src/app/spec/index.ts";
import { assertCudaLibraries } from "../../src/engine/runtime/node.ts";
import { potstill, start, tinyRecipe, useFolder, writeTable } from "../support/command-line.ts";

const folder = useFolder();

beforeEach(() => {
  writeTable(join(folder.path, "data.csv"));
  writeFileSync(join(folder.path, "tiny.yaml"), tinyRecipe);
});

interface Report {
  readonly points: readonly { readonly name: string; readonly epochs: number }[];
  readonly best: number;
  readonly packages: number;
  readonly test: { readonly accuracy: { readonly mean: number } } | null;
}

/** The report without what depends on the clock and on the command. */
function reportOf(run: string): Report {
  const path = join(folder.path, "runs", run, "sweep-report.json");
  const { commandLine: _, ...report } = JSON.parse(readFileSync(path, "utf8"));
  const points = report.points.map((point: object) => ({ ...point, latencyMs: null }));
  return { ...report, points };
}

const tasks = (run: string): readonly string[] =>
  readdirSync(join(folder.path, "runs", run, "tasks")).sort();

const grid = ["sweep", "tiny.yaml", "T=1,4", "student.width=4,8", "--seeds", "2", "--scratch"];

test("a grid shares its teacher, soft labels and students from scratch, and looks at no test sample unasked", async () => {
  const { code, stdout, stderr } = await potstill(folder.path, ...grid, "--jobs", "2");
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const kinds = tasks("tiny-sweep-1").map((name) => name.split("-")[0]);
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  expect([count("teacher"), count("labels"), count("student")]).toEqual([1, 1, 8 + 4]);
  const report = reportOf("tiny-sweep-1");
  expect(report.points.map(({ name }) => name)).toEqual([
    "T=1 student.width=4",
    "T=1 student.width=8",
    "T=4 student.width=4",
    "T=4 student.width=8",
  ]);
  expect([report.packages, report.test]).toEqual([1, null]);
  expect(stdout).toContain("The test split was not looked at.");
  expect(stdout).toMatch(/\* +[14] +[48] +\d+\.\d\d %/);
  const page = readFileSync(join(folder.path, "runs/tiny-sweep-1/report.html"), "utf8");
  for (const text of ["T and student.width", "Accuracy against cost", "converge quicker"])
    expect(page).toContain(text);
  expect(page.match(/<svg/g)?.length).toBe(3);
});

test("killed outright and stopped by Ctrl-C, a sweep ends as one left alone; another number of jobs changes nothing", async () => {
  const words = ["sweep", "tiny.yaml", "T=1,4", "training.epochs=200", "--seeds", "2", "--test"];
  expect((await potstill(folder.path, ...words, "--jobs", "1")).code).toBe(0);

  const first = start(folder.path, ...words, "--jobs", "2");
  await first.said("soft labels  written");
  first.child.kill("SIGKILL");
  await first.ended;
  const resume = ["sweep", "--resume", "runs/tiny-sweep-2"];
  expect(existsSync(join(folder.path, "runs/tiny-sweep-2/sweep-report.json"))).toBe(false);

  const second = start(folder.path, ...resume, "--jobs", "1");
  await second.said("validation");
  second.child.kill("SIGINT");
  const { code, stderr } = await second.ended;
  expect(stderr).toContain("To go on: potstill sweep --resume runs/tiny-sweep-2");
  expect(code).toBe(130);

  const last = await potstill(folder.path, ...resume);
  expect(last.stderr).toContain("what was finished before is not done again");
  expect(last.code).toBe(0);
  expect(tasks("tiny-sweep-2")).toEqual(tasks("tiny-sweep-1"));
  expect(reportOf("tiny-sweep-2")).toEqual(reportOf("tiny-sweep-1"));
  expect(last.stdout).toContain("It on the test split, once:");
}, 120_000);

test("successive halving gives the better points more epochs", async () => {
  const words = ["sweep", "tiny.yaml", "student.width=2,4,8", "training.epochs=9", "--seeds", "1"];
  const { code, stdout, stderr } = await potstill(folder.path, ...words, "--halving");
  expect(code).toBe(0);
  expect(stderr).toContain("rung  3 of 3 points for 3 epochs");
  expect(stderr).toContain("rung  1 of 3 points for 9 epochs");
  const { points, best } = reportOf("tiny-sweep-1");
  expect(points.map(({ epochs }) => epochs).sort()).toEqual([3, 3, 9]);
  expect(points[best]!.epochs).toBe(9);
  expect(stdout.match(/ 3 of 9 /g)).toHaveLength(2);
});

test("a sweep that cannot be is refused before anything is made", async () => {
  const refused = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr } = await potstill(folder.path, "sweep", ...words);
    expect(code).toBe(2);
    expect(existsSync(join(folder.path, "runs"))).toBe(false);
    return stderr;
  };
  expect(await refused("tiny.yaml", "student.widht=4,8")).toContain(
    'Did you mean "student.width"?',
  );
  expect(await refused("tiny.yaml", "student.family=mlp,mpl")).toContain('Did you mean "mlp"?');
  expect(await refused("tiny.yaml")).toContain("needs an axis, such as T=1,2,4");
  expect(await refused("tiny.yaml", "split.seed=1,2")).toContain(
    "all points must be compared on the same validation samples",
  );
  expect(await refused("tiny.yaml", "T=1,2", "--seeds", "many")).toContain("takes a whole number");
  expect(await refused("--resume", "nowhere")).toContain("[run/not-a-run]");
});

/** @returns whether this machine has the CUDA libraries, which the tests below must be without */
function hasCuda(): boolean {
  try {
    assertCudaLibraries("node_modules/onnxruntime-node");
    return true;
  } catch {
    return false;
  }
}

test("a provider that is not there is refused before data are read, resumed sweeps too", async ({
  skip,
}) => {
  if (hasCuda()) return skip("the CUDA libraries are here");
  const onCuda = `${tinyRecipe}provider: cuda\n`;
  writeFileSync(join(folder.path, "cuda.yaml"), onCuda);
  expect((await potstill(folder.path, "label", "tiny.yaml", "--out", "package")).code).toBe(0);
  rmSync(join(folder.path, "data.csv"));
  for (const words of [
    ["sweep", "cuda.yaml", "T=1,2"],
    ["sweep", "tiny.yaml", "T=1,2", "provider=cuda"],
    ["distill", "cuda.yaml"],
    ["label", "cuda.yaml", "--out", "runs/package"],
    ["train", "package", "cuda.yaml", "--out", "runs/student"],
  ]) {
    const { code, stderr } = await potstill(folder.path, ...words);
    expect(stderr).toMatch(/^error \[backend\/provider\] provider "cuda"/);
    expect(code).toBe(2);
    expect(existsSync(join(folder.path, "runs"))).toBe(false);
  }
  const begun = join(folder.path, "runs/tiny-sweep-1");
  mkdirSync(begun, { recursive: true });
  const request = {
    format: "potstill-sweep-1",
    recipeText: onCuda,
    recipeFile: "cuda.yaml",
    axes: ["T=1,2"],
    seeds: [1],
    scratch: false,
    halving: false,
    test: false,
    commandLine: "test",
    folder: folder.path,
  };
  writeFileSync(join(begun, "sweep.json"), JSON.stringify(request));
  const { code, stderr } = await potstill(folder.path, "sweep", "--resume", begun);
  expect(stderr).toContain("[backend/provider]");
  expect(code).toBe(2);
  expect(readdirSync(begun)).toEqual(["sweep.json"]);
});

test("a sweep goes on where it began: elsewhere its recipe names other files", async () => {
  const words = ["sweep", "tiny.yaml", "T=1,4", "--seeds", "1"];
  expect((await potstill(folder.path, ...words)).code).toBe(0);
  const elsewhere = join(folder.path, "elsewhere");
  mkdirSync(elsewhere);
  writeTable(join(elsewhere, "data.csv"));
  const resume = ["sweep", "--resume", "../runs/tiny-sweep-1"];
  const { code, stderr } = await potstill(elsewhere, ...resume);
  expect(stderr).toMatch(
    /^error \[run\/changed\] \.\.\/runs\/tiny-sweep-1: a sweep goes on in the folder/,
  );
  expect(code).toBe(2);
  expect((await potstill(folder.path, "sweep", "--resume", "runs/tiny-sweep-1")).code).toBe(0);
});

/** Sends a worker a task. @returns what it says last about it */
function answer(child: ChildProcess, message: object): Promise<unknown> {
  return new Promise((done) => {
    const listen = (said: { readonly type: string }): void => {
      if (said.type !== "done" && said.type !== "failed") return;
      child.off("message", listen);
      done(said);
    };
    child.on("message", listen);
    child.send(message);
  });
}

test("a worker does each task on the provider that its recipe names", async ({ skip }) => {
  if (hasCuda()) return skip("the CUDA libraries are here");
  const child = fork(resolve("dist/app/cli/sweep/worker-main.js"), { cwd: folder.path });
  const ended = new Promise((done) => child.once("exit", done));
  const recipe = parseRecipe(tinyRecipe, "tiny.yaml");
  const task = { kind: "student", folder: "student", recipe, seed: 1, labels: null };
  const message = { type: "task", root: folder.path, task };
  const onCuda = { ...message, task: { ...task, recipe: { ...recipe, provider: "cuda" } } };
  expect(await answer(child, message)).toEqual({ type: "done" });
  const refused = { type: "failed", code: "backend/provider" };
  expect(await answer(child, onCuda)).toMatchObject(refused);
  expect(await answer(child, onCuda)).toMatchObject(refused);
  expect(await answer(child, message)).toEqual({ type: "done" });
  child.send({ type: "end" });
  expect(await ended).toBe(1); // as disconnected
});
