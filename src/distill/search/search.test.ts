/** @file The search for a student under a budget: what fits, what is trained, what is taken. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryStore } from "../../data/index.ts";
import { exportC } from "../../device/export/index.ts";
import { buildNetwork, type NetworkSpec } from "../../engine/nn/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import type { Shape } from "../../engine/tensor/index.ts";
import type { DistillEvent } from "../events.ts";
import type { DistillOptions } from "../options.ts";
import { quantizeModel } from "../quantize-model.ts";
import { runDistillation } from "../run-distillation.ts";
import { data, failure, finish, outcome, randomTeacher, tinyRun } from "../small-problem.cases.ts";
import type { Teacher } from "../teachers/index.ts";
import { candidateName, candidatesAround } from "./candidates.ts";
import { planSearch, type StudentBudget, type StudentSearch } from "./plan-search.ts";

const budget: StudentBudget = {
  name: "test-board",
  flashBytes: 2000,
  ramBytes: 400,
  path: "portable",
  overhead: { flashBytes: 500, ramBytes: 100 },
  millisecondsPerMac: 0.001,
};
const student: NetworkSpec = { family: "mlp", hidden: [16] };
const setting = { student, train: data.train };

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(() => runtime.close());

const run = (search: StudentSearch, more: Partial<DistillOptions> = {}) =>
  runDistillation(
    tinyRun(
      runtime,
      { kind: "given", teacher },
      { student, search, arms: ["distilled", "scratch"], allowLargerStudent: true, ...more },
    ),
  );

describe("candidates", () => {
  it("vary width, depth and kernel, each once", () => {
    const cnn: NetworkSpec = { family: "cnn", channels: [8, 16] };
    const names = candidatesAround(cnn, [1, 12, 12], 3).map(candidateName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("cnn-8-16"); // the network itself
    expect(names).toContain("cnn-4-4-kernel-5"); // narrower, larger kernel
    expect(names).toContain("cnn-8"); // shallower
    expect(names).toContain("cnn-16-32-64"); // wider and deeper
  });

  it.each<[NetworkSpec, Shape]>([
    [{ family: "cnn", channels: [8, 16] }, [1, 12, 12]],
    [{ family: "tcn", channels: [16, 16] }, [3, 40]],
    [{ family: "resnet8" }, [1, 32, 32]],
    [{ family: "dsCnn" }, [1, 49, 10]],
    [{ family: "mobileNetV1" }, [3, 32, 32]],
  ])("are other networks, not the same one by another name: %j", (spec, shape) => {
    const made = candidatesAround(spec, shape, 3).map((each) =>
      buildNetwork(each, shape, 3).parameters.map(({ name, shape: own }) => `${name} ${own}`),
    );
    expect(new Set(made.map(String)).size).toBe(made.length);
  });

  it("that two starts say in other words are there once", () => {
    const around: NetworkSpec[] = [
      { family: "mlp", hidden: [8] },
      { family: "mlp", hidden: [8], activation: "relu" },
      { family: "mlp", hidden: [8], dropout: 0 },
    ];
    const roomy = { ...budget, flashBytes: 1e9, ramBytes: 1e9 };
    const count = (starts: readonly NetworkSpec[]): number =>
      planSearch({ budget: roomy, around: starts, candidates: 1000 }, { ...setting, epochs: 1 })
        .candidates.length;
    expect(count(around)).toBe(count(around.slice(0, 1)));
    expect(count([...around, { family: "mlp", hidden: [8], dropout: 0.5 }])).toBe(
      2 * count(around),
    );
  });

  it("of another front end have another name", () => {
    const withMels = (mels: number) =>
      candidateName({
        family: "dsCnn",
        channels: 16,
        logMel: { sampleRate: 8000, frameLength: 240, hop: 80, fftSize: 256, mels },
      });
    expect(withMels(10)).not.toBe(withMels(40));
  });

  it("that two starts have in common are there once", () => {
    const around: NetworkSpec[] = [
      { family: "mlp", hidden: [32] },
      { family: "mlp", hidden: [64] },
    ];
    const roomy = { ...budget, flashBytes: 1e9, ramBytes: 1e9 };
    const search = { budget: roomy, around, candidates: 1000 };
    const names = planSearch(search, { ...setting, epochs: 1 }).candidates.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["mlp-32", "mlp-64"]));
  });

  it("leave out what the samples cannot pass through", () => {
    const deep: NetworkSpec = { family: "cnn", channels: [4, 8] };
    const channels = candidatesAround(deep, [1, 4, 4], 3).map((spec) =>
      spec.family === "cnn" ? spec.channels.length : 0,
    );
    expect(Math.max(...channels)).toBe(2); // three poolings would leave nothing of 4 x 4
  });
});

describe("planSearch", () => {
  it("takes what fits, largest first, and counts the rest", () => {
    const { candidates, tooLarge, rungs } = planSearch({ budget }, { ...setting, epochs: 9 });
    expect(candidates.map(({ name }) => name)).toContain("mlp-16");
    for (const { flashBytes, ramBytes } of candidates) {
      expect(flashBytes).toBeLessThanOrEqual(budget.flashBytes);
      expect(ramBytes).toBeLessThanOrEqual(budget.ramBytes);
    }
    expect(tooLarge).toBeGreaterThan(0);
    expect(rungs[0]!.count).toBe(candidates.length);
    expect(rungs.at(-1)).toEqual({ count: 2, epochs: 9 });
  });

  it("knows a student's bytes before it is trained: those of its export", async () => {
    const { candidates } = planSearch({ budget }, { ...setting, epochs: 2 });
    const { value } = await finish(run({ budget, candidates: 1 }));
    const { model } = value.arms[0]!.runs[0]!.job;
    const exported = exportC(await quantizeModel(model, { calibration: data.train, runtime }));
    const planned = candidates.find(
      ({ spec }) => candidateName(spec) === candidateName(model.spec),
    )!;
    expect(planned.flashBytes).toBe(exported.constantBytes + 500);
    expect(planned.ramBytes).toBe(exported.arenaBytes.portable + 100);
    expect(planned.macs).toBe(exported.macs);
  });

  it("keeps to a limit of latency, and to a number of candidates", () => {
    const { candidates } = planSearch(
      { budget, maxMilliseconds: 0.4, candidates: 2 },
      { ...setting, epochs: 2 },
    );
    expect(candidates).toHaveLength(2);
    for (const { macs } of candidates) expect(macs).toBeLessThanOrEqual(400);
  });

  it("leaves out students of more parameters than the teacher", async () => {
    const more = { allowLargerStudent: false };
    const { value } = await finish(run({ budget, candidates: 2, epochs: 1 }, more));
    const parameters = value.search!.trials.map((trial) => trial.parameters);
    expect(Math.max(...parameters)).toBeLessThanOrEqual(teacher.parameters!);
    const { candidates } = planSearch({ budget }, { ...setting, epochs: 1 });
    expect(Math.max(...candidates.map((each) => each.parameters))).toBeGreaterThan(
      teacher.parameters!,
    );
  });

  it("says that it is the teacher's parameters that nothing keeps to", () => {
    const run = () => planSearch({ budget }, { ...setting, epochs: 1, maxParameters: 10 });
    expect(run).toThrow("a student must not have more parameters than its teacher: 10, got");
  });

  it("says what the smallest takes where nothing fits", async () => {
    const tiny = { ...budget, ramBytes: 120 };
    const error = await failure(finish(run({ budget: tiny })));
    expect(error.code).toBe("search/nothing-fits");
    expect(error.message).toContain("test-board: 2000 bytes of flash, 120 bytes of RAM");
    expect(error.message).toMatch(/the smallest mlp-\S+ with \d+ bytes of flash/);
  });

  it.each<[Partial<StudentSearch>, string]>([
    [{ minAccuracy: 2 }, "config/range"],
    [{ around: [{ family: "tinyTransformer", vocabulary: 3 }] }, "config/conflict"],
    [{ keep: 1 }, "config/range"],
  ])("refuses %o", async (more, code) => {
    expect((await failure(finish(run({ budget, ...more })))).code).toBe(code);
  });
});

describe("a run with a search", () => {
  const search: StudentSearch = { budget, candidates: 4, keep: 0.5, epochs: 4 };

  it("halves, takes the best of the last rung, and trains the arms with it", async () => {
    const { events, value } = await finish(run(search));
    const { trials, rungs, chosen } = value.search!;
    expect(rungs.map(({ count }) => count)).toEqual([4, 2, 1]);
    expect(trials).toHaveLength(4);
    expect(trials.map(({ rung }) => rung)).toEqual([2, 1, 0, 0]);
    expect(chosen).toBe(0);
    const { spec } = trials[chosen]!;
    for (const { runs } of value.arms) expect(runs[0]!.job.model.spec).toEqual(spec);
    const started = events.flatMap((event) => (event.type === "job-start" ? [event] : []));
    expect(started.filter(({ job }) => job.startsWith("search/"))).toHaveLength(4 + 2 + 1);
    expect(started.at(-1)!.number).toBe(started.at(-1)!.total);
    const kinds = events.map(({ type }) => type);
    expect(kinds.indexOf("search-start")).toBeLessThan(kinds.indexOf("search-end"));
    expect(events.find(({ type }) => type === "search-end")).toMatchObject({
      chosen: trials[0]!.name,
      validationAccuracy: trials[0]!.validationAccuracy,
    });
  });

  it("prefers the smallest of those that reach the accuracy where asked to", async () => {
    const { value } = await finish(run({ ...search, minAccuracy: 0.01, prefer: "size" }));
    const { trials, chosen } = value.search!;
    const least = Math.min(...trials.map(({ flashBytes }) => flashBytes));
    expect(trials[chosen]!.flashBytes).toBe(least);
  });

  it("fails with the best it found where none reaches the accuracy", async () => {
    const error = await failure(finish(run({ ...search, minAccuracy: 1 })));
    expect(error.code).toBe("search/accuracy");
    expect(error.message).toMatch(
      /must reach a validation accuracy of 1, got 0\.\d+ at best, of mlp/,
    );
  });

  it("goes on after an interruption, and ends as without one", async () => {
    const whole = await finish(run(search));
    const store = memoryStore();
    const controller = new AbortController();
    const broken = run(search, { store, signal: controller.signal });
    const seen: DistillEvent[] = [];
    const error = await failure(
      (async () => {
        for (;;) {
          const { done, value } = await broken.next();
          if (done === true) return;
          seen.push(value);
          if (
            value.type === "job-end" &&
            seen.filter(({ type }) => type === "job-end").length === 5
          )
            controller.abort();
        }
      })(),
    );
    expect(error.code).toBe("run/interrupted");
    const rest = await finish(run(search, { store }));
    const names = ({ trials }: NonNullable<typeof whole.value.search>) =>
      trials.map(({ name, validationAccuracy }) => [name, validationAccuracy]);
    expect(names(rest.value.search!)).toEqual(names(whole.value.search!));
    const last = ({ value }: typeof whole) => outcome(value.arms[0]!.runs[0]!.job);
    expect(last(rest)).toEqual(last(whole));
    const stepped = new Set(
      rest.events.flatMap((event) => (event.type === "steps" ? [event.job] : [])),
    );
    const ended = seen.flatMap((event) => (event.type === "job-end" ? [event.job] : []));
    for (const job of ended) expect(stepped.has(job)).toBe(false); // not trained again
  });
});
