/** @file The work of potstill demo-mcu: distil, export, build, run under emulation, show. */

import { join } from "node:path";
import { type Dataset, subset } from "../../../data/index.ts";
import { folderStore, loadData, readFileBytes } from "../../../data/sources/index-node.ts";
import { exportC, inMemoryOrder } from "../../../device/export/index.ts";
import { imageOf, type QuantizedGraph, runQuantized } from "../../../device/quantize/index.ts";
import { cores } from "../../../distill/boards/index-node.ts";
import { modelHash, quantizeModel, readModel } from "../../../distill/index.ts";
import { bytesOf, elementCount } from "../../../engine/tensor/index.ts";
import { BackendError, ExportError } from "../../../errors/index.ts";
import { type Recipe, splitData } from "../../spec/index.ts";
import { StartedFailure } from "../failure.ts";
import { quantizedSamples } from "../quantized-samples.ts";
import { readRecipe, readyRecipe } from "../recipe-file.ts";
import { presentRun, type RunRequest, startRun, withRuntime } from "../start-run.ts";
import type { Terminal } from "../terminal.ts";
import { showKiB } from "./budget-text.ts";
import { type Picture, pictureRow } from "./digit-pictures.ts";
import { type EmulatedRun, emulate, linkImage } from "./image.ts";
import { installCommand, missingFor } from "./toolchain.ts";

const name = "digits";
const { emulation } = cores["cortex-m4"];
const classified = 200;
const shown = { rows: 2, columns: 6 };

/**
 * @param overrides of recipes/digits-mcu.yaml
 * @throws BackendError "backend/toolchain" before any work, naming the packages to install
 */
export async function runDemoMcu(
  overrides: readonly string[],
  runs: string,
  request: RunRequest,
): Promise<void> {
  assertToolchain();
  const recipe = await readRecipe(readyRecipe("digits-mcu"), overrides);
  const run = await startRun(recipe, runs, request);
  await presentRun(run, request);
  try {
    await deploy(recipe, run.path, request.terminal);
  } catch (error) {
    throw new StartedFailure(error);
  }
}

/** Exports a run's student, runs it on the emulated core, and prints what it says. */
async function deploy(recipe: Recipe, path: string, terminal: Terminal): Promise<void> {
  const file = join(path, "student.safetensors");
  const model = readModel(await readFileBytes(file, "a trained model"), file);
  const { train, test, validation } = splitData(await loadData(recipe.data!), recipe); // has data
  const calibration = train;
  const graph = await withRuntime((runtime) => quantizeModel(model, { calibration, runtime }));
  const data = firstOf(test ?? validation, classified);
  const samples = await quantizedSamples(graph, data);
  const selfTest = samples.slice(0, 4);
  const program = exportC(graph, { name, modelHash: modelHash(model), selfTest });
  const folder = join(path, "exports/mcu");
  const store = await folderStore(folder);
  for (const [source, text] of program.files)
    await store.write(source, new TextEncoder().encode(text));
  terminal.say(`C in ${folder}: ${[...program.files.keys()].join(", ")}`);
  const image = { files: program.files, name, emulation };
  const size = imageOf(graph.tensors[graph.input]!.shape);
  const emulated = emulate(
    image,
    samples.map((sample) => bytesOf(inMemoryOrder(sample, size))),
  );
  const predictions = checkedPredictions(graph, samples, emulated);
  const { flashBytes, ramBytes } = linkImage(image);
  const right = predictions.filter((label, at) => label === data.labels[at]).length;
  terminal.print(
    [
      "",
      ...(await pictureLines(data, predictions)),
      `${right} of ${data.length} test digits right on an emulated Cortex-M4; every output byte is the integer reference's`,
      `${Math.max(...emulated.instructions).toLocaleString("en")} instructions an inference (worst of ${data.length}), flash ${showKiB(flashBytes)} with start-up, RAM ${showKiB(ramBytes)} and ${emulated.stackBytes} bytes of stack`,
    ].join("\n"),
  );
}

function assertToolchain(): void {
  const missing = missingFor(emulation);
  if (missing.length === 0) return;
  throw new BackendError("backend/toolchain", {
    where: "potstill demo-mcu",
    rule: "building and emulating need arm-none-eabi-gcc, qemu-system-arm and gcc",
    got: `no ${missing.join(", no ")}`,
    fix: `On Debian or Ubuntu: ${installCommand(missing)}`,
  });
}

function firstOf(data: Dataset, count: number): Dataset {
  const length = Math.min(count, data.length);
  return subset(
    data,
    Int32Array.from({ length }, (_, index) => index),
    data.name,
  );
}

/** @returns a class per sample. @throws ExportError "export/parity" */
function checkedPredictions(
  graph: QuantizedGraph,
  samples: readonly Int8Array[],
  { outputs }: EmulatedRun,
): readonly number[] {
  const classes = elementCount(graph.tensors[graph.output]!.shape);
  const logits = new Int8Array(outputs.buffer, outputs.byteOffset, outputs.length);
  return samples.map((sample, at) => {
    const given = logits.subarray(at * classes, (at + 1) * classes);
    if (runQuantized(graph, sample).some((value, i) => value !== given[i]))
      throw new ExportError("export/parity", {
        where: "potstill demo-mcu",
        rule: "the emulated core must give what the integer reference gives",
        got: `another output for sample ${at}`,
        fix: "This is a fault in the export; please report it",
      });
    return given.indexOf(Math.max(...given));
  });
}

/** Some digits, wrong ones last. */
async function pictureLines(
  data: Dataset,
  predictions: readonly number[],
): Promise<readonly string[]> {
  const isWrong = (at: number): boolean => predictions[at] !== data.labels[at];
  const count = shown.rows * shown.columns;
  const all = predictions.map((_, at) => at);
  const wrong = all.filter(isWrong).slice(0, shown.columns / 2);
  const order = [...all.filter((at) => !isWrong(at)).slice(0, count - wrong.length), ...wrong];
  const pictures: Picture[] = [];
  for (const at of order) {
    const pixels = new Uint8Array(elementCount(data.shape));
    await data.gather(Int32Array.of(at), pixels);
    const [says, is] = [data.classNames[predictions[at]!], data.classNames[data.labels[at]!]];
    const caption = `says ${says}, is ${is}${isWrong(at) ? " !" : ""}`;
    pictures.push({ pixels, width: data.shape.at(-1)!, caption });
  }
  return Array.from({ length: shown.rows }, (_, row) => [
    ...pictureRow(pictures.slice(row * shown.columns, (row + 1) * shown.columns)),
    "",
  ]).flat();
}
