import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import {
  jsonLines,
  potstill,
  resultFilePath,
  start,
  tinyRecipe,
  trainedWeights,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();

beforeEach(() => {
  writeTable(join(folder.path, "data.csv"));
  writeFileSync(join(folder.path, "tiny.yaml"), tinyRecipe);
});

const inRun = (run: string, name: string): string => join(folder.path, "runs", run, name);

/** "job:step" of every row of metrics.csv */
function loggedSteps(run: string): readonly string[] {
  const rows = readFileSync(inRun(run, "metrics.csv"), "utf8").trimEnd().split("\n").slice(1);
  return rows.map((row) => row.split(",").slice(0, 2).join(":"));
}

const weights = (run: string) => trainedWeights(join(folder.path, "runs", run));

test("distill leaves a whole run folder, prints the card, and takes the next number", async () => {
  const words = ["distill", "tiny.yaml", "--json-report", "r.json"];
  const first = await start(folder.path, ...words).ended; // a process of its own ends, with 0
  expect(first.stderr).toContain("runs/tiny-1");
  expect(first.code).toBe(0);
  expect(first.stdout).toContain("distilled vs scratch");
  expect(first.stderr).toMatch(/teacher {2}epoch 3\/3 {2}loss \S+ hard \S+ {2}validation \S+ %/);
  expect(readdirSync(join(folder.path, "runs", "tiny-1")).sort()).toEqual([
    "MODEL_CARD.md",
    "events.jsonl",
    "exports",
    "metrics.csv",
    "plan.json",
    "recipe.resolved.yaml",
    "report.html",
    "report.json",
    "run.json",
    "student.safetensors",
    "teacher.safetensors",
    "tensorboard",
  ]);
  const record = JSON.parse(readFileSync(inRun("tiny-1", "run.json"), "utf8"));
  expect(record).toMatchObject({ status: "done", recipe: "tiny", resumed: 0, error: null });
  const report = readFileSync(join(folder.path, "r.json"), "utf8");
  expect(report).toBe(readFileSync(inRun("tiny-1", "report.json"), "utf8"));
  const steps = loggedSteps("tiny-1");
  expect(new Set(steps).size).toBe(steps.length);

  const anew = ["seeds=[1,2,3]", "stepLogs=true", "--store", "other"]; // nothing is found there
  const second = await potstill(folder.path, "distill", "tiny.yaml", "--json", ...anew);
  expect(second.code).toBe(0);
  const events = second.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.at(-1)).toEqual({
    type: "done",
    run: "runs/tiny-2",
    report: "runs/tiny-2/report.json",
  });
  expect(events.slice(0, -1)).toEqual(jsonLines(inRun("tiny-2", "events.jsonl")));
  expect(weights("tiny-2")).toEqual(weights("tiny-1"));

  const again = await potstill(folder.path, "reproduce", "runs/tiny-1/report.json");
  expect(again.stderr).not.toContain("error");
  expect([again.code, again.stdout]).toEqual([0, "Same numbers as runs/tiny-1/report.json.\n"]);

  writeTable(join(folder.path, "data.csv"), (rows) => rows.pop());
  const other = await potstill(folder.path, "reproduce", "runs/tiny-1/report.json");
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("[reproduce/data]");
});

const longer = ["training.epochs=200", "seeds=[1,2,3]"];

test("stopped by Ctrl-C and killed twice, a run ends as the uninterrupted one", async () => {
  const whole = await potstill(folder.path, "distill", "tiny.yaml", ...longer);
  expect(whole.code).toBe(0);

  const first = start(folder.path, "distill", "tiny.yaml", "--store", "other", ...longer);
  await first.said("distilled/seed-1  epoch 20/");
  first.child.kill("SIGINT");
  const { code, stderr } = await first.ended;
  expect(stderr).toContain("To go on: potstill distill --resume runs/tiny-2");
  expect(code).toBe(130);
  const record = JSON.parse(readFileSync(inRun("tiny-2", "run.json"), "utf8"));
  expect(record).toMatchObject({ status: "interrupted", error: { code: "run/interrupted" } });

  const third = start(folder.path, "distill", "--resume", "runs/tiny-2");
  await third.said("distilled/seed-1  epoch 40/");
  third.child.kill("SIGSTOP");
  const second = await start(folder.path, "distill", "--resume", "runs/tiny-2").ended;
  expect(second.stderr).toContain("[run/in-use] runs/tiny-2");
  expect(second.code).toBe(2);
  third.child.kill("SIGTERM");
  third.child.kill("SIGCONT");
  expect((await third.ended).code).toBe(130);

  for (const moment of ["distilled/seed-1  epoch 60/", "scratch/seed-2  epoch 50/"]) {
    const resumed = start(folder.path, "distill", "--resume", "runs/tiny-2");
    await resumed.said(moment);
    resumed.child.kill("SIGKILL");
    await resumed.ended;
  }
  const last = await potstill(folder.path, "distill", "--resume", "runs/tiny-2");
  expect(last.stderr).not.toContain("error [");
  expect(last.code).toBe(0);
  expect(weights("tiny-2")).toEqual(weights("tiny-1"));
  expect(loggedSteps("tiny-2")).toEqual(loggedSteps("tiny-1"));
  expect(existsSync(inRun("tiny-2", "report.json"))).toBe(true);
});

test("going on is not advised where training would only fail again", async () => {
  const words = ["distill", "tiny.yaml", "training.learningRate=1e38"];
  const { code, stderr } = await potstill(folder.path, ...words);
  expect(stderr).toContain("error [run/non-finite]");
  expect(stderr).not.toContain("To go on");
  expect(code).toBe(1);
});

test("a run of the distilled arm alone has a report that compares nothing", async () => {
  const words = ["distill", "tiny.yaml", "arms=[distilled]", "seeds=[1,2]"];
  const { code, stdout } = await potstill(folder.path, ...words);
  expect(code).toBe(0);
  expect(stdout).toContain("Not compared with a student from scratch");
  const { verdict, models } = JSON.parse(readFileSync(inRun("tiny-1", "report.json"), "utf8"));
  expect(verdict.outcome).toBe("not-compared");
  expect(models.scratch).toBeNull();
  expect(Object.keys(weights("tiny-1"))).toEqual([
    ...["teacher", "distilled/seed-1", "distilled/seed-2"],
  ]);
});

test("a run is not resumed on other data, nor done again", async () => {
  await potstill(folder.path, "distill", "tiny.yaml");
  const report = readFileSync(inRun("tiny-1", "report.json"), "utf8");
  const again = await potstill(folder.path, "distill", "--resume", "runs/tiny-1");
  expect(again.stderr).toContain("was finished before");
  expect(again.stdout).toContain("distilled vs scratch");
  expect(again.code).toBe(0);
  expect(readFileSync(inRun("tiny-1", "report.json"), "utf8")).toBe(report);
  writeTable(join(folder.path, "data.csv"), (rows) => rows.pop());
  const { code, stderr } = await potstill(folder.path, "distill", "--resume", "runs/tiny-1");
  expect(stderr).toContain("[run/changed] runs/tiny-1: a run can only be resumed by what started");
  expect(stderr).toContain("the data (");
  expect(code).toBe(2);
});

test("a second run trains nothing; a changed temperature trains students alone", async () => {
  const told = async (...more: readonly string[]) => {
    const { code, stdout } = await potstill(folder.path, "distill", "tiny.yaml", "--json", ...more);
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    return events.flatMap(({ type, state, kind }) =>
      type === "task" && state === "begun" ? [kind] : [],
    );
  };
  expect(new Set(await told())).toContain("teacher");
  expect(await told()).toEqual([]);
  const numbers = (run: string) => {
    const { models, comparisons } = JSON.parse(readFileSync(inRun(run, "report.json"), "utf8"));
    return { models, comparisons };
  };
  expect(numbers("tiny-2")).toEqual(numbers("tiny-1"));
  const hotter = await told("distillation.temperature=8");
  expect(hotter).not.toContain("teacher");
  expect(hotter).not.toContain("labels");
  expect(hotter.filter((kind) => kind === "student")).toHaveLength(3); // seeds of one arm
  expect(await told("description=other words")).toEqual([]);

  const store = join(folder.path, "runs/.store");
  const state = (...words: readonly string[]) => potstill(folder.path, ...words);
  expect((await state("plan", "tiny.yaml")).stdout).toMatch(/^\d+ done, 0 to do, nothing is left/);
  expect((await state("store", "check")).code).toBe(0);
  const damaged = resultFilePath(join(folder.path, "runs/tiny-1"), "teacher", "model.safetensors");
  const bytes = readFileSync(damaged);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(damaged, bytes);
  const check = await state("store", "check");
  expect(check.stdout).toContain("model.safetensors is not what was written");
  expect(check.code).toBe(1);
  expect((await state("plan", "tiny.yaml")).stdout).toContain("teacher  damaged, to do again");
  expect(await told()).toEqual(["teacher"]); // made again, and nothing else
  expect((await state("store", "check")).code).toBe(0);
  rmSync(join(folder.path, "runs/tiny-3"), { recursive: true });
  expect((await state("store", "prune")).stdout).toMatch(/: [1-9]\d* results removed/);
  expect(await told()).toEqual([]);
  expect(existsSync(store)).toBe(true);
});
