import { describe, expect, it } from "vitest";
import { type ScheduleSpec, schedule } from "./schedules.ts";

/** Values at all steps of a run of `total` steps, rounded to 6 digits. */
function course(spec: ScheduleSpec, total: number): number[] {
  const at = schedule(spec);
  return Array.from({ length: total }, (_, step) => Math.round(at(step, total) * 1e6) / 1e6);
}

describe("schedule", () => {
  it("constant: a number, or spelled out", () => {
    expect(course(0.1, 3)).toEqual([0.1, 0.1, 0.1]);
    expect(course({ kind: "constant", value: 0.1 }, 3)).toEqual([0.1, 0.1, 0.1]);
  });

  it("step: multiplied at each share of the run", () => {
    const tenth: ScheduleSpec = { kind: "step", value: 1, at: [0.5, 0.75] };
    expect(course(tenth, 8)).toEqual([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]);
    expect(course({ ...tenth, factor: 0.5 }, 4)).toEqual([1, 1, 0.5, 0.25]);
  });

  it("step: at the very step that a share of the run is, whatever floating point makes of it", () => {
    for (let total = 1; total <= 200; total++)
      for (let percent = 1; percent < 100; percent++) {
        if ((percent * total) % 100 !== 0) continue;
        const at = schedule({ kind: "step", value: 1, at: [percent / 100] });
        const drop = (percent * total) / 100;
        expect([at(drop - 1, total), at(drop, total)]).toEqual([1, 0.1]);
      }
  });

  it("cosine: half a wave from the value to the final one", () => {
    // (1 + cos(π k / 4)) / 2
    expect(course({ kind: "cosine", value: 1 }, 4)).toEqual([1, 0.853553, 0.5, 0.146447]);
    expect(course({ kind: "cosine", value: 1, final: 0.5 }, 2)).toEqual([1, 0.75]);
  });

  it("linear: straight to the final value", () => {
    expect(course({ kind: "linear", value: 4, final: 2 }, 4)).toEqual([4, 3.5, 3, 2.5]);
  });

  it("windows: the value from the one share on up to the other, else 0", () => {
    const on = [
      [0.1, 0.3],
      [0.55, 1],
    ] as const;
    expect(course({ kind: "windows", value: 0.9, on }, 20)).toEqual([
      ...[0, 0, 0.9, 0.9, 0.9, 0.9, 0, 0, 0, 0, 0],
      ...new Array<number>(9).fill(0.9),
    ]);
    const spec = { kind: "windows", value: 2, on: [[0.5, 1]] } as const;
    expect(() => schedule(spec, "temperature", { above: 0 })).toThrow("windows are for a weight");
    expect(() => schedule({ ...spec, on: [] })).toThrow("there must be one, got none");
    expect(() => schedule({ ...spec, on: [[0.5, 0.5]] })).toThrow("to must be");
  });

  it("warm-up: no step is wasted on 0, and the value is reached", () => {
    expect(course({ kind: "warmup", value: 1, warmup: 0.5 }, 8)).toEqual([
      0.25, 0.5, 0.75, 1, 1, 1, 1, 1,
    ]);
    expect(course({ kind: "cosine", value: 1, warmup: 0.5 }, 4)).toEqual([0.5, 1, 1, 0.5]);
    expect(course({ kind: "linear", value: 1, final: 0, warmup: 0.25 }, 4)).toEqual([
      1, 1, 0.666667, 0.333333,
    ]);
  });

  it("a warm-up of the whole run, and a run of one step", () => {
    expect(course({ kind: "cosine", value: 1, warmup: 1 }, 2)).toEqual([0.5, 1]);
    expect(course({ kind: "cosine", value: 1 }, 1)).toEqual([1]);
    expect(course({ kind: "warmup", value: 1, warmup: 0.1 }, 1)).toEqual([1]);
  });

  it.each([
    [
      { kind: "step", value: 1, at: [1.5] },
      "schedule: at must be a finite number, at least 0 and at most 1, got 1.5. Correct at.",
    ],
    [
      { kind: "warmup", value: 1, warmup: -0.1 },
      "schedule: warmup must be a finite number, at least 0 and at most 1, got -0.1. Correct warmup.",
    ],
    [Number.NaN, "schedule: value must be a finite number, at least 0, got NaN. Correct value."],
    [-0.1, "schedule: value must be a finite number, at least 0, got -0.1. Correct value."],
    [
      { kind: "cosine", value: -0.1 },
      "schedule: value must be a finite number, at least 0, got -0.1. Correct value.",
    ],
    [
      { kind: "linear", value: 1, final: -1 },
      "schedule: final must be a finite number, at least 0, got -1. Correct final.",
    ],
    [
      { kind: "cosine", value: 1, final: Number.POSITIVE_INFINITY },
      "schedule: final must be a finite number, at least 0, got Infinity. Correct final.",
    ],
    [
      { kind: "step", value: 1, at: [0.5], factor: -0.1 },
      "schedule: factor must be a finite number, above 0, got -0.1. Correct factor.",
    ],
  ] as const)("refuses %j", (spec, message) => {
    expect(() => schedule(spec)).toThrow(
      expect.objectContaining({ code: "config/range", message }),
    );
  });

  it("refuses another kind, and says which was meant", () => {
    const spec = { kind: "cosin", value: 1 } as unknown as ScheduleSpec; // as from JavaScript
    expect(() => schedule(spec, "training.learningRate")).toThrow(
      expect.objectContaining({
        code: "config/unknown-name",
        message:
          'training.learningRate: unknown kind "cosin". Did you mean "cosine"? Valid: constant, step, cosine, linear, warmup, windows.',
      }),
    );
  });

  it("takes another range: of a temperature, which never comes to its end", () => {
    const temperature = (spec: ScheduleSpec) => schedule(spec, "temperature", { above: 0 });
    const message = "temperature: value must be a finite number, above 0, got 0. Correct value.";
    for (const spec of [0, { kind: "linear", value: 0, final: 4 }] as const)
      expect(() => temperature(spec)).toThrow(expect.objectContaining({ message }));
    expect(temperature({ kind: "linear", value: 4, final: 0 })(9, 10)).toBeCloseTo(0.4, 12);
  });
});
