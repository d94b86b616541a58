import { afterAll, beforeAll, expect, test } from "vitest";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { runJob } from "./job.ts";
import { finish, randomTeacher, tinyJob } from "./small-problem.cases.ts";
import type { Teacher } from "./teachers/index.ts";
import type { DistillationSpec } from "./training-spec.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  teacher = await randomTeacher(runtime);
});
afterAll(async () => {
  await teacher.close();
  await runtime.close();
});

/** Metrics of the first steps. */
async function metricsOf(distillation: DistillationSpec) {
  const { events } = await finish(runJob(await tinyJob(teacher, { distillation }), { runtime }));
  return events.find(({ type }) => type === "steps") as Extract<
    (typeof events)[number],
    { type: "steps" }
  >;
}

test("the soft term is logged without T² too, whose course is that of T", async () => {
  const temperature = { kind: "linear", value: 8, final: 2 } as const;
  const { metrics, totalSteps } = await metricsOf({ temperature });
  const { metrics: plain } = await metricsOf({ temperature, scaleByTemperatureSquared: false });
  expect(metrics.temperature!.slice(0, 2)).toEqual(Float32Array.of(8, 8 - 6 / totalSteps));
  expect(plain.softUnscaled).toEqual(plain.soft);
  expect(metrics.softUnscaled![0]).toBeCloseTo(plain.soft![0]!, 5); // float32: the first step's weights are the same
  expect(metrics.soft![0]).toBeCloseTo(64 * metrics.softUnscaled![0]!, 4);
});

test("a loss that T² does not multiply is itself", async () => {
  const { metrics } = await metricsOf({ loss: "logits" });
  expect(metrics.softUnscaled).toEqual(metrics.soft);
});

test("of a loss that T² multiplies in part there is no such number", async () => {
  const { metrics } = await metricsOf({ loss: "nkd" });
  expect(Object.keys(metrics)).toContain("temperature");
  expect(Object.keys(metrics)).not.toContain("softUnscaled");
});
