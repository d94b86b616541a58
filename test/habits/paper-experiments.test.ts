/** @file What the scripts of bench/paper share: stages that are done once, lanes, shares kept. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { shareKept } from "../../bench/paper/share-kept.mjs";
import { gainKept } from "../../src/distill/metrics/index.ts";

const root = mkdtempSync(join(tmpdir(), "potstill-paper-"));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, "experiment");
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

/** An experiment of two stages, the second of which may die, in a process of its own. */
function experiment(settings: object, second: string) {
  const module = JSON.stringify(resolve("bench/paper/experiment.mjs"));
  const script = `
    import { openExperiment } from ${module};
    const open = openExperiment("x", ${JSON.stringify(folder)}, ${JSON.stringify(settings)});
    const first = await open.stage("first", () => ({ drawn: Math.random() }));
    const second = await open.stage("second", () => { ${second} });
    console.log(JSON.stringify({ first, second, hours: open.noteHours() }));`;
  const words = ["--input-type=module", "--eval", script];
  return spawnSync(process.execPath, words, { encoding: "utf8" });
}

test("a stage that is done is not done again, hours add up, other settings are refused", () => {
  const begun = experiment({ epochs: 1 }, "process.exit(1)");
  expect(begun.status).toBe(1);
  expect(begun.stderr).toMatch(/^\[..:..:..\] first\n\[..:..:..\] second\n$/);
  const first = read("first.json");
  expect(first.seconds).toBeGreaterThanOrEqual(0);
  expect(read("hours.json").hours).toBeGreaterThan(0);
  expect(existsSync(join(folder, "second.json"))).toBe(false);

  writeFileSync(join(folder, "hours.json"), JSON.stringify({ hours: 5, cpuHours: 7 }));
  const other = experiment({ epochs: 2 }, "return { value: 0 }");
  expect(other.stderr).toBe(
    `x: ${folder} was started with other settings (settings.json). Give another --folder.\n`,
  );
  expect([other.status, other.stdout]).toEqual([2, ""]);
  expect([read("settings.json"), read("hours.json")]).toEqual([
    { epochs: 1 },
    { hours: 5, cpuHours: 7 },
  ]);

  const ended = experiment({ epochs: 1 }, "return { value: 3 }");
  expect(ended.stderr).toMatch(/^\[..:..:..\] second\n$/);
  const said = JSON.parse(ended.stdout);
  expect(said.first).toEqual(first);
  expect(said.second).toMatchObject({ value: 3, seconds: expect.any(Number) });
  expect(read("second.json")).toEqual(said.second);
  expect(said.hours).toEqual({ hours: 5, cpuHours: 7 }); // to two digits: it took seconds
  expect(read("hours.json").hours).toBeGreaterThan(5);
  expect(read("hours.json").cpuHours).toBeGreaterThan(7);
});

test("as many at once as there are lanes, started in the order of the calls", () => {
  const module = JSON.stringify(resolve("bench/paper/experiment.mjs"));
  const script = `
    import { openLanes } from ${module};
    const { inLane, close, runtime } = await openLanes(2);
    const [log, used, ends] = [[], new Set(), []];
    const work = (name) => (own) => {
      log.push("+" + name);
      used.add(own);
      return new Promise((resolve, reject) => ends.push({ resolve, reject })).finally(() => log.push("-" + name));
    };
    const all = ["a", "b", "c", "d"].map((name) => inLane(work(name)).catch((error) => error.message));
    const turn = () => new Promise((done) => setTimeout(done, 5));
    await turn();
    ends[1].reject(new Error("b failed")); // its lane is free all the same
    await turn();
    for (const at of [0, 2, 3]) { ends[at].resolve(at); await turn(); }
    const results = await Promise.all(all);
    const answer = { log: log.join(" "), results, lanes: used.size, first: used.has(runtime) };
    await close();
    console.log(JSON.stringify(answer));`;
  const words = ["--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    log: "+a +b -b +c -a +d -c -d",
    results: [0, "b failed", 2, 3],
    lanes: 2,
    first: true,
  });
});

/** Right or wrong on 200 samples, right with a probability that differs from seed to seed. */
const rows = (shares: readonly number[], step: number) =>
  shares.map((share, seed) =>
    Uint8Array.from({ length: 200 }, (_, at) =>
      (at * step + seed * 31) % 200 < 200 * share ? 1 : 0,
    ),
  );

test("share kept: the numbers of gainKept, with an ensemble for each seed", () => {
  const baseline = rows([0.5, 0.6, 0.55], 3);
  const teacher = rows([0.8, 0.9, 0.85], 7);
  const students = rows([0.7, 0.85, 0.75], 9);
  const { gain, kept } = shareKept({ baseline, teacher, students });
  const whole = gainKept({ baseline, ensemble: teacher, students });
  expect(gain.mean).toBeCloseTo(whole.gain.mean, 12); // float64 sums
  expect(kept!.mean).toBeCloseTo(whole.kept!.mean, 12);
});

test("share kept: with one seed of each the intervals of gainKept, which draws samples too", () => {
  const [baseline, teacher, students] = [rows([0.5], 3), rows([0.8], 7), rows([0.7], 9)];
  const own = shareKept({ baseline, teacher, students });
  const other = gainKept({ baseline, ensemble: teacher, students });
  for (const name of ["gain", "kept"] as const) {
    const [mine, theirs] = [own[name]!, other[name]!];
    const width = theirs.high! - theirs.low!;
    // ends of 2000 draws each: one in a million pairs is further apart than 0.11 of the width
    expect(Math.abs(mine.low! - theirs.low!)).toBeLessThan(0.11 * width);
    expect(Math.abs(mine.high! - theirs.high!)).toBeLessThan(0.11 * width);
  }
});

test("share kept: a teacher and its student are drawn together, seed by seed", () => {
  const always = (rights: readonly number[]) =>
    rights.map((right) => new Uint8Array(20).fill(right));
  const [baseline, teacher, students] = [
    [0, 0, 0],
    [2, 6, 10],
    [1, 3, 5],
  ].map(always);
  const given = { baseline: baseline!, teacher: teacher!, students: students! };
  const { gain, kept } = shareKept(given);
  expect(kept).toEqual({ mean: 0.5, low: 0.5, high: 0.5 }); // half in every seed
  expect([gain.low, gain.mean, gain.high]).toEqual([2, 6, 10]); // 1 of 27 draws has one seed alone
  const apart = gainKept({ baseline: baseline!, ensemble: teacher!, students: students! }).kept!;
  expect(apart.high! - apart.low!).toBeGreaterThan(0.5); // drawn for themselves
});

test("share kept: undefined where the gain is not clear of 0", () => {
  const [baseline, teacher] = [rows([0.5, 0.5], 3), rows([0.5, 0.51], 7)];
  expect(shareKept({ baseline, teacher, students: teacher }).kept).toBeNull();
});
