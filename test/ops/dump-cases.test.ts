/**
 * @file `npm run golden:cases`: writes every operator's samples as JSON for scripts/golden/ops.py.
 * Skipped in ordinary runs.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { it } from "vitest";
import type { Value } from "../../src/engine/graph/index.ts";
import type { Tensor } from "../../src/engine/tensor/index.ts";
import { encodeTensor } from "../support/golden-ops.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import { cotangentOf, hasGradient, sampleGraph } from "../support/op-sample.ts";

/** Operands that the sample wrote as plain numbers: scalar constants. */
function numbersOf(operands: readonly Value[]): number[] {
  return operands.flatMap(
    ({ op, attrs }) => (op === "constant" ? [Number((attrs.value as Tensor).data[0])] : []), // constant() puts it there
  );
}

const target = process.env.GOLDEN_CASES;

it.skipIf(target === undefined)("writes the samples", async () => {
  const dumped = (await loadOpCases()).map((cases) => ({
    op: cases.op,
    samples: cases.samples
      .filter((sample) => sample.noGolden === undefined)
      .map((sample) => {
        const built = sampleGraph(cases, sample);
        return {
          name: sample.name,
          inputs: sample.inputs.map((tensor) => ({ dtype: tensor.dtype, ...encodeTensor(tensor) })),
          attrs: built.output.attrs,
          numbers: numbersOf(built.output.inputs),
          cotangent: hasGradient(sample, built)
            ? encodeTensor(cotangentOf(built.output.shape))
            : null,
        };
      }),
  }));
  mkdirSync(dirname(target!), { recursive: true });
  writeFileSync(target!, JSON.stringify(dumped));
});
