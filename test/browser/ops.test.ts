/// <reference types="vite/client" />
import { afterAll, describe, expect, test } from "vitest";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { definitionOf } from "../../src/engine/ops/index.ts";
import { webRuntime } from "../../src/engine/runtime/web.ts";
import { elementCount, type Tensor } from "../../src/engine/tensor/index.ts";
import type { OpCases, OpSample } from "../support/op-cases.ts";
import {
  evaluateSample,
  gradientGraph,
  graphOf,
  hasGradient,
  runsInBrowser,
  type SampleGraph,
  sampleGraph,
} from "../support/op-sample.ts";

/** Every operator's cases, as the bundler finds them. */
const files = import.meta.glob<{ cases: OpCases }>("../../src/engine/ops/*.cases.ts", {
  eager: true,
});
const runtime = await webRuntime();
afterAll(() => runtime.close());

async function run(graph: SampleGraph, values: Parameters<typeof graphOf>[1]): Promise<Tensor[]> {
  const session = await runtime.load(compileGraph(graphOf(graph, values)), { threads: 2 });
  const used = Object.entries(graph.feeds).filter(([name]) => session.inputNames.includes(name));
  const { outputs } = await session.run(Object.fromEntries(used));
  await session.dispose();
  return values.map((_, index) => outputs[`output${index}`]!);
}

function assertNear(actual: Tensor, expected: Float64Array, { tolerance }: OpSample): void {
  const { rtol, atol } = tolerance;
  const bad = Array.from(actual.data, Number).findIndex((value, index) => {
    const wanted = expected[index]!;
    return (
      !(Object.is(value, wanted) || Math.abs(value - wanted) <= atol + rtol * Math.abs(wanted)) &&
      !(Number.isNaN(value) && Number.isNaN(wanted)) &&
      value !== wanted
    );
  });
  if (bad >= 0) expect(`[${bad}] = ${actual.data[bad]}`).toBe(`[${bad}] = ${expected[bad]}`);
}

describe.each(Object.values(files).map(({ cases }) => [cases.op, cases] as const))(
  "%s on WebAssembly",
  (op, cases) => {
    const samples = cases.samples.filter((sample) => runsInBrowser(cases, sample));
    test.each(samples.map((sample) => [sample.name, sample] as const))("%s", async (_, sample) => {
      const graph = sampleGraph(cases, sample);
      const [value] = await run(graph, [graph.output]);
      const [expected] = evaluateSample([graph.output], graph);
      expect(value!.shape).toEqual(graph.output.shape);
      assertNear(value!, expected!.data, sample);
      if (!hasGradient(sample, graph) || elementCount(graph.output.shape) === 0) return;
      expect(typeof definitionOf(op).vjp).toBe("function");
      const { gradients } = gradientGraph(graph);
      const found = await run(graph, gradients);
      const wanted = evaluateSample(gradients, graph);
      const { gradientTolerance = sample.tolerance } = sample;
      for (const [index, gradient] of found.entries())
        assertNear(gradient, wanted[index]!.data, { ...sample, tolerance: gradientTolerance });
    });
  },
);
