/**
 * @file What potstill demo makes and prints of a finished run: the card, a digit as teacher and
 * student see it, the student as int8 C, and how to open the report.
 */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Dataset, subset } from "../../data/index.ts";
import { folderStore, loadData, readFileBytes } from "../../data/sources/index-node.ts";
import { exportC } from "../../device/export/index.ts";
import {
  type Model,
  modelHash,
  modelLogits,
  quantizeModel,
  readModel,
} from "../../distill/index.ts";
import { logSoftmaxRow } from "../../distill/metrics/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import { elementCount } from "../../engine/tensor/index.ts";
import { renderCard } from "../report/index.ts";
import { type Recipe, splitData } from "../spec/index.ts";
import { pictureRow } from "./mcu/digit-pictures.ts";
import { quantizedSamples } from "./quantized-samples.ts";
import { type FinishedRun, withRuntime } from "./start-run.ts";
import type { Terminal } from "./terminal.ts";

/** Samples that the ranges of int8 come from. */
const calibrationSamples = 1000;
const shownClasses = 3;

/** @param recipe of data with pictures; its title was said before */
export async function presentDemo(
  recipe: Recipe,
  { path, report }: FinishedRun,
  terminal: Terminal,
): Promise<void> {
  const { train, test, validation } = splitData(await loadData(recipe.data!), recipe); // has data
  const student = (await modelOf(path, "student"))!; // every run has one
  const teacher = await modelOf(path, "teacher"); // undefined if overrides say another kind
  const lines = await withRuntime(async (runtime) => [
    ...(teacher ? await digitLines(runtime, test ?? validation, { teacher, student }) : []),
    ...(await writtenLines(runtime, join(path, "exports"), student, train)),
  ]);
  const [, ...card] = renderCard(report).trim().split("\n");
  terminal.print([...card.slice(1), "", ...lines].join("\n"));
  terminal.print(`Report: ${openCommand()} ${join(path, "report.html")}`);
}

async function modelOf(path: string, name: string): Promise<Model | undefined> {
  const file = join(path, `${name}.safetensors`);
  if (!existsSync(file)) return undefined;
  return readModel(await readFileBytes(file, "a trained model"), file);
}

/** Writes the student as int8 C beside the .onnx file. @returns what there is, with its bytes */
async function writtenLines(
  runtime: Runtime,
  folder: string,
  student: Model,
  train: Dataset,
): Promise<readonly string[]> {
  const calibration = firstOf(train, calibrationSamples);
  const graph = await quantizeModel(student, { calibration, runtime });
  const selfTest = await quantizedSamples(graph, firstOf(train, 4));
  const { files } = exportC(graph, { name: "digits", modelHash: modelHash(student), selfTest });
  const store = await folderStore(join(folder, "c"));
  for (const [name, text] of files) await store.write(name, new TextEncoder().encode(text));
  const size = (name: string): string => statSync(join(folder, name)).size.toLocaleString("en");
  const sizes = [...files.keys()].map((name) => `${name} ${size(`c/${name}`)}`);
  return [
    `Files in ${folder}: student.onnx ${size("student.onnx")} bytes`,
    `  int8 C in c/: ${sizes.join(", ")} bytes`,
  ];
}

/** The digit that the teacher is right about and least sure of, and what both make of it. */
async function digitLines(
  runtime: Runtime,
  data: Dataset,
  models: Readonly<Record<"teacher" | "student", Model>>,
): Promise<readonly string[]> {
  const classes = data.classNames.length;
  const logits = {
    teacher: await modelLogits(runtime, models.teacher, data),
    student: await modelLogits(runtime, models.student, data),
  };
  const doubt = (at: number): number => {
    const row = logSoftmaxRow(logits.teacher, at, classes);
    return row.indexOf(Math.max(...row)) === data.labels[at] ? row[data.labels[at]!]! : 0;
  };
  const at = [...data.labels.keys()].reduce((best, each) =>
    doubt(each) < doubt(best) ? each : best,
  );
  const pixels = new Uint8Array(elementCount(data.shape));
  await data.gather(Int32Array.of(at), pixels);
  const width = data.shape.at(-1)!;
  const beside = [
    `Test digit ${at}, a ${data.classNames[data.labels[at]!]}: of those that the teacher has right the one`,
    "that it is least sure of. What each makes of it:",
    `  teacher  ${showLikeliest(logSoftmaxRow(logits.teacher, at, classes), data.classNames)}`,
    `  student  ${showLikeliest(logSoftmaxRow(logits.student, at, classes), data.classNames)}`,
  ];
  const picture = pictureRow([{ pixels, width, caption: "" }]).slice(0, -1);
  return picture.map((line, row) => `${line.padEnd(width + 3)}${beside[row - 1] ?? ""}`.trimEnd());
}

/** @returns "4 52.1 %, 9 44.0 %, 7 2.2 %" */
function showLikeliest(row: Float64Array, classNames: readonly string[]): string {
  return [...row.keys()]
    .sort((a, b) => row[b]! - row[a]!)
    .slice(0, shownClasses)
    .map((label) => `${classNames[label]} ${(100 * Math.exp(row[label]!)).toFixed(1)} %`)
    .join(", ");
}

function firstOf(data: Dataset, count: number): Dataset {
  const length = Math.min(count, data.length);
  return subset(
    data,
    Int32Array.from({ length }, (_, index) => index),
    data.name,
  );
}

function openCommand(): string {
  if (process.platform === "darwin") return "open";
  return process.platform === "win32" ? "start" : "xdg-open";
}
