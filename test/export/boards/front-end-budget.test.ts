/** @file What is estimated of a front end's work, beside what it takes on the emulated cores. */

import { describe, expect, test } from "vitest";
import { type Budget, budgetOf } from "../../../src/app/cli/mcu/budget.ts";
import { hearingProgram, soundFrontEnd } from "../../../src/app/cli/mcu/front-end-program.ts";
import { exportC } from "../../../src/device/export/index.ts";
import {
  observedValues,
  planFrontEnd,
  planLayers,
  quantizePlan,
} from "../../../src/device/quantize/index.ts";
import { coreNames, cores, readBoards } from "../../../src/distill/boards/index-node.ts";
import { input } from "../../../src/engine/graph/index.ts";
import { speechLogMel } from "../../../src/speech/index.ts";
import { missingForEmulation } from "../../support/emulated-cores.ts";
import { builder, graphOf } from "../../support/quantized-networks.ts";

const features = input("samples", "float32", [1, speechLogMel.mels]);
const layers = planLayers(graphOf("net", features, builder(1).dense(features, 4)));
const ranges = new Map(observedValues(layers).map((value) => [value, { min: -4, max: 4 }]));
const graph = quantizePlan(layers, ranges);
const plan = planFrontEnd({
  logMel: speechLogMel,
  sample: graph.sample,
  input: graph.tensors[graph.input]!,
});
const hearing = hearingProgram(exportC(graph), soundFrontEnd(plan, "student"), "student");

function budgetOn(core: (typeof coreNames)[number]): Budget {
  const board = readBoards().find((candidate) => candidate.core === core)!;
  return budgetOf({ board, reserve: { flashBytes: 0, ramBytes: 0 }, ...hearing });
}

function estimateOn(core: (typeof coreNames)[number]): number {
  const path = process.env.PATH;
  try {
    process.env.PATH = "";
    return budgetOn(core).instructions.value;
  } finally {
    process.env.PATH = path;
  }
}

describe.each(coreNames)("a frame on %s", (core) => {
  const missing = missingForEmulation(cores[core].emulation.family);
  const title = missing && ` (skipped: ${missing} missing)`;
  test.skipIf(missing !== "")(`takes what is estimated, within a tenth${title}`, () => {
    const { value, isMeasured } = budgetOn(core).instructions;
    expect(isMeasured).toBe(true);
    const estimate = estimateOn(core);
    expect(estimate).toBeGreaterThan(0.9 * value);
    expect(estimate).toBeLessThan(1.1 * value);
  });
});

test("the estimate without tools is of the core's own multiplication", () => {
  const estimates = coreNames.map((core) => [core, Math.round(estimateOn(core) / 1000)]);
  expect(Object.fromEntries(estimates)).toEqual({
    ...{ "cortex-m0plus": 373, "cortex-m3": 70, "cortex-m4": 69, "cortex-m7": 69 },
    ...{ "cortex-m33": 69, rv32imc: 106 },
  });
});
