import { describe, expect, test } from "vitest";
import { type Budget, budgetOf } from "../../../src/app/cli/mcu/budget.ts";
import { budgetLines } from "../../../src/app/cli/mcu/budget-text.ts";
import { layerCosts } from "../../../src/app/cli/mcu/layer-costs.ts";
import { widestThatFits } from "../../../src/app/cli/mcu/narrower-student.ts";
import { type PlanRequest, planForBoard } from "../../../src/app/cli/mcu/plan-board.ts";
import { exportC, inMemoryOrder } from "../../../src/device/export/index.ts";
import {
  imageOf,
  observedValues,
  planLayers,
  type QuantizedGraph,
  quantizePlan,
} from "../../../src/device/quantize/index.ts";
import {
  boardList,
  boardNamed,
  coreNames,
  cores,
  parseSize,
  readBoards,
} from "../../../src/distill/boards/index-node.ts";
import { type Model, networkOf } from "../../../src/distill/index.ts";
import type { Graph } from "../../../src/engine/graph/index.ts";
import { initialParameters, type NetworkSpec } from "../../../src/engine/nn/index.ts";
import { bytesOf, type Shape } from "../../../src/engine/tensor/index.ts";
import { inferenceGraph } from "../../../src/engine/train/index.ts";
import { isDistillError } from "../../../src/errors/index.ts";
import { missingForEmulation } from "../../support/emulated-cores.ts";
import { mlperfTiny } from "../../support/mlperf-tiny.ts";

const missing = missingForEmulation();
const title = missing && ` (skipped: ${missing} missing)`;

const quantized = (graph: Graph): QuantizedGraph => {
  const plan = planLayers(graph);
  return quantizePlan(plan, new Map(observedValues(plan).map((v) => [v, { min: -4, max: 4 }])));
};

function startingModel(spec: NetworkSpec, shape: Shape, classes: number): Model {
  const sample = { dtype: "uint8", shape } as const;
  const classNames = Array.from({ length: classes }, (_, at) => `class ${at}`);
  const about = { spec, sample, classNames, preprocessing: { scale: 1 / 255, offset: 0 } };
  return { ...about, weights: initialParameters(networkOf(about).parameters, 1) };
}

const graphOf = (model: Model): QuantizedGraph =>
  quantized(inferenceGraph({ ...model, network: networkOf(model), batchSize: 1 }));

test("every board names its datasheet, and every core has a board", () => {
  const boards = readBoards();
  expect(boards.length).toBeGreaterThanOrEqual(8);
  for (const { source } of boards) expect(source.length).toBeGreaterThan(10);
  expect(new Set(boards.map(({ core }) => core))).toEqual(new Set(coreNames));
  expect(boardList().split("\n")).toHaveLength(boards.length + 1);
  expect(() => boardNamed("blue-pil")).toThrow(/Did you mean "blue-pill"/);
});

test("RAM is what lies together, and the clock is that of the silicon on the board", () => {
  expect(boardNamed("esp32-c3-devkitm-1")).toMatchObject({ ramKiB: 384 });
  expect(boardNamed("nucleo-h743zi")).toMatchObject({ clockMHz: 400 });
});

test("sizes: K and M are KiB and MiB", () => {
  const parsed = ["8192", "8K", "8KiB", "8kb", "0.5M", "0"].map((size) => parseSize("x", size));
  expect(parsed).toEqual([8192, 8192, 8192, 8192, 524288, 0]);
  for (const wrong of ["", "K", "-1K", "8G", "1e3"])
    expect(() => parseSize("--reserve-flash", wrong)).toThrow(/needs a size/);
});

test.each(Object.entries(mlperfTiny))("%s: layers add up to the network's tables", (_, make) => {
  const graph = quantized(make());
  const { constantBytes, macs, arenaBytes } = exportC(graph);
  for (const path of ["portable", "dsp"] as const) {
    const costs = layerCosts(graph, path);
    const total = costs.reduce((sum, cost) => sum + cost.flashBytes, 0);
    // the whole network's layers share the tables of a shift or two
    expect(Math.abs(total - constantBytes)).toBeLessThanOrEqual(16);
    expect(costs.reduce((sum, cost) => sum + cost.macs, 0)).toBe(macs);
    const peak = Math.max(...costs.map(({ ramBytes }) => ramBytes));
    // the planner may need more than the worst layer, which holds its pieces in an order
    expect(peak).toBeLessThanOrEqual(arenaBytes[path]);
    expect(peak).toBeGreaterThan(arenaBytes[path] * 0.75);
  }
});

/** Plans and returns what was printed and thrown. */
async function refusal(
  model: Model,
  boardName: string,
  flashBytes: number,
  ramBytes: number,
  offer?: PlanRequest["offer"],
) {
  const printed: string[] = [];
  const terminal = {
    print: (text: string) => void printed.push(text),
    say: () => undefined,
    isInteractive: false,
    bold: (text: string) => text,
    dim: (text: string) => text,
    red: (text: string) => text,
  };
  const board = boardNamed(boardName);
  const request = { board, reserve: { flashBytes, ramBytes }, terminal, json: false, model, offer };
  try {
    await planForBoard({ ...request, graph: graphOf(model), name: "student", samples: [] });
  } catch (error) {
    if (error instanceof Error && isDistillError(error.cause))
      return { printed: printed.join("\n"), error: error.cause };
    throw error;
  }
  throw new Error("it fits");
}

test("the 96 x 96 MobileNet with 64 KiB reserved does not fit into 256 KiB of flash", async () => {
  const model = startingModel({ family: "mobileNetV1" }, [3, 96, 96], 2);
  const { printed, error } = await refusal(model, "nucleo-l432kc", 64 * 1024, 0);
  expect(error.code).toBe("export/over-budget");
  expect(error.message).toMatch(/KiB of flash too much, most of it in block13 \(66\.3 KiB\)/);
  expect(error.message).toMatch(/student\.width=0\.2\d* fits by the planner/);
  expect(error.message).toContain("accuracy is not known before it is trained");
  expect(printed).toMatch(/block13\S* +conv2d +66\.3 KiB/);
  expect(printed).toContain("64.0 KiB reserved");
});

test("an offer that could not be trained says why, and the refusal stands", async () => {
  const model = startingModel({ family: "cnn", channels: [32, 64] }, [1, 28, 28], 10);
  const offer = async () => ({ why: "there are no labels." });
  const { error } = await refusal(model, "blue-pill", 48 * 1024, 0, offer);
  expect(error.code).toBe("export/over-budget");
  expect(error.message).toContain("trained, and was not measured here: there are no labels)");
});

test("the student that is offered fits, and a wider one would not", () => {
  const model = startingModel({ family: "cnn", channels: [32, 64] }, [1, 28, 28], 10);
  const limit = 18_000;
  const fits = ({ constantBytes }: { readonly constantBytes: number }) => constantBytes <= limit;
  const offered = widestThatFits(model, "dsp", fits)!;
  expect(offered.overrides).toEqual(["student.channels=[12,24]"]);
  expect(exportC(graphOf(startingModel(offered.spec, [1, 28, 28], 10))).constantBytes).toBe(
    offered.constantBytes,
  );
  const wider = startingModel({ family: "cnn", channels: [16, 32] }, [1, 28, 28], 10);
  expect(exportC(graphOf(wider)).constantBytes).toBeGreaterThan(limit);
});

test("too little RAM is said as such; where no width helps, that is said", async () => {
  const model = startingModel({ family: "mobileNetV1" }, [3, 96, 96], 2);
  const { error } = await refusal(model, "uno-r4-minima", 0, 16 * 1024);
  expect(error.message).toMatch(/KiB of RAM too much/);
  expect(error.message).toMatch(/No narrower student of this family is known to fit/);
});

const budgetFor = (boardName: string, graph: QuantizedGraph): Budget => {
  const input = graph.tensors[graph.input]!;
  const image = imageOf(input.shape);
  const samples = [1, 2, 3].map((seed) =>
    Int8Array.from(
      { length: image.channels * image.height * image.width },
      (_, at) => ((at * 31 * seed) % 255) - 127,
    ),
  );
  return budgetOf({
    board: boardNamed(boardName),
    reserve: { flashBytes: 0, ramBytes: 0 },
    name: "student",
    program: exportC(graph),
    samples: samples.map((sample) => bytesOf(inMemoryOrder(sample, image))),
  });
};

test.skipIf(missing !== "")(`a network larger than the emulated board is planned${title}`, () => {
  const graph = graphOf(startingModel({ family: "mlp", hidden: [1400] }, [1, 28, 28], 10));
  const budget = budgetFor("nucleo-h743zi", graph);
  expect(budget.flash.value).toBeGreaterThan(1024 * 1024);
  expect(budget.stack.isMeasured).toBe(false);
  expect(budget.missing).toHaveLength(1);
});

test.skipIf(missing !== "")(`a network called like a self-test is measured${title}`, () => {
  const program = exportC(quantized(mlperfTiny["sine mlp"]!()), { name: "my_selftest" });
  const reserve = { flashBytes: 0, ramBytes: 0 };
  const about = { board: boardNamed("blue-pill"), reserve, name: "my_selftest", program };
  const budget = budgetOf({ ...about, samples: [Uint8Array.of(1), Uint8Array.of(200)] });
  expect(budget.instructions.isMeasured).toBe(true);
});

test("without the tools there are estimates, marked as such", () => {
  const path = process.env.PATH;
  try {
    process.env.PATH = "";
    const budget = budgetFor("esp32-c3-devkitm-1", quantized(mlperfTiny["ds-cnn"]!()));
    expect(budget.flash.isMeasured || budget.stack.isMeasured).toBe(false);
    const text = budgetLines(budget).join("\n");
    expect(text.match(/an estimate/g)).toHaveLength(4);
    expect(text).toContain("apt-get install -y gcc-riscv64-unknown-elf");
  } finally {
    process.env.PATH = path;
  }
});

test("energy is an estimate from published power, and not said of boards without one", () => {
  const path = process.env.PATH;
  try {
    process.env.PATH = ""; // what is not measured is the same everywhere
    const graph = quantized(mlperfTiny["ds-cnn"]!());
    const budget = budgetFor("nucleo-l4r5zi", graph);
    const [low, high] = budget.milliseconds;
    expect(budget.microjoules).toEqual([low * 39, high * 44]);
    expect(budgetLines(budget).join("\n")).toMatch(
      /about [\d.]+ to [\d.]+ µJ, an estimate: 39 to 44 mW while it computes \(MLPerf Tiny/,
    );
    const unknown = budgetFor("nucleo-f446re", graph);
    expect(unknown).not.toHaveProperty("microjoules");
    expect(budgetLines(unknown).join("\n")).not.toContain("µJ");
  } finally {
    process.env.PATH = path;
  }
});

describe.each(["arm", "riscv"] as const)("boards with cores of %s", (family) => {
  const missing = missingForEmulation(family);
  const boards = coreNames
    .filter((core) => cores[core].emulation.family === family)
    .map((core) => readBoards().find((board) => board.core === core)!);
  test.skipIf(missing !== "").each(boards)(
    `$name: a linked image, a measured stack, counted instructions${missing && ` (skipped: ${missing} missing)`}`,
    ({ name }) => {
      const budget = budgetFor(name, quantized(mlperfTiny["sine mlp"]!()));
      expect(budget.flash).toMatchObject({ isMeasured: true });
      expect(budget.flash.value).toBeGreaterThan(513); // tables alone
      expect(budget.flash.value).toBeLessThan(2048);
      expect(budget.arenaBytes).toBe(32);
      expect(budget.dataBytes).toBeLessThan(64);
      expect(budget.stack.value).toBeLessThan(512);
      expect(budget.instructions.value).toBeGreaterThan(288); // one a multiply-accumulate
      expect(budget.instructions.value).toBeLessThan(10_000);
      expect(budget.milliseconds[0]).toBeLessThan(budget.milliseconds[1]);
    },
  );
});
