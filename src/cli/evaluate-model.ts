/** @file The work of potstill evaluate. */

import { parseDataSpec, splitData } from "../config/index.ts";
import type { DataSpec, Dataset, LoadedData } from "../data/index.ts";
import { loadData, readFileBytes } from "../data/sources/index-node.ts";
import { teacherLogits } from "../distill/index.ts";
import { ConfigError, unknownName } from "../errors/index.ts";
import {
  accuracy,
  calibration,
  confusionMatrix,
  errorCount,
  negativeLogLikelihood,
  perClassScores,
  topKAccuracy,
} from "../evaluate/index.ts";
import { readModel } from "../train/index.ts";
import { showPercent } from "./event-text.ts";
import { openFile } from "./open-teacher.ts";
import { readRecipe } from "./recipe-file.ts";
import { withRuntime } from "./start-run.ts";
import type { Terminal } from "./terminal.ts";

export interface EvaluateRequest {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly model: string;
  readonly data: string;
  readonly part: string | undefined;
  readonly output: string | undefined;
  readonly kind: string | undefined;
  readonly layout: string | undefined;
}

/** Prints a model's numbers on a data set. */
export async function evaluateModel(request: EvaluateRequest): Promise<void> {
  const dataset = await wantedData(request);
  const source = modelSource(request);
  const logits = await withRuntime(async (runtime) =>
    teacherLogits(await openFile(source, { runtime, dataset, threads: 1 }), dataset),
  );
  const numbers = measure(logits, dataset);
  const { model, terminal, json } = request;
  terminal.print(
    json
      ? JSON.stringify({ model, data: dataset.name, dataHash: dataset.hash(), ...numbers })
      : table(model, dataset, numbers),
  );
}

const parts = ["test", "validation", "train"] as const;

async function wantedData({ data, model, part = "test" }: EvaluateRequest): Promise<Dataset> {
  const wanted = oneOf("--part", part, parts);
  if (/\.ya?ml$/.test(data)) {
    const recipe = await readRecipe(data, []);
    if (recipe.data === undefined) throw noPart(data, "data");
    const found = splitData(await loadAsTrained(recipe.data, model), recipe)[wanted];
    if (found === null) throw noPart(data, wanted);
    return found;
  }
  const loaded = await loadAsTrained(parseDataSpec(data, "--data"), model);
  if (wanted === "validation") throw noPart(data, wanted);
  return wanted === "test" ? (loaded.test ?? loaded.train) : loaded.train;
}

/** Text is numbered as the model's training text was. */
async function loadAsTrained(spec: DataSpec, model: string): Promise<LoadedData> {
  if (spec.source !== "text" || model.endsWith(".onnx")) return loadData(spec);
  const { text } = readModel(await readFileBytes(model, "a trained model"), model);
  return loadData(text === undefined ? spec : { ...spec, encoding: text });
}

function noPart(data: string, part: string): ConfigError {
  return new ConfigError("config/usage", {
    where: "potstill evaluate",
    rule: `${data} has no ${part} part`,
    fix: "Name a recipe that has one, or another part",
  });
}

function modelSource({ model, output, kind, layout }: EvaluateRequest) {
  if (!model.endsWith(".onnx")) return { checkpoint: model };
  return {
    model,
    ...(output !== undefined && { output }),
    ...(kind !== undefined && {
      kind: oneOf("--kind", kind, ["logits", "probabilities", "sigmoid"] as const),
    }),
    ...(layout !== undefined && { layout: oneOf("--layout", layout, ["nchw", "nhwc"] as const) }),
  };
}

function oneOf<T extends string>(option: string, value: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found === undefined) throw unknownName(option, "value", value, names);
  return found;
}

interface Numbers {
  readonly samples: number;
  readonly accuracy: number;
  readonly errors: number;
  readonly topK: { readonly k: number; readonly accuracy: number };
  /** nats */
  readonly negativeLogLikelihood: number;
  readonly calibrationError: number;
  readonly perClass: readonly ({ readonly name: string } & ReturnType<
    typeof perClassScores
  >[number])[];
}

function measure(logits: Float32Array, { labels, classNames, length }: Dataset): Numbers {
  const k = Math.min(5, Math.max(1, classNames.length - 1));
  const scores = perClassScores(confusionMatrix(logits, labels));
  return {
    samples: length,
    accuracy: accuracy(logits, labels),
    errors: errorCount(logits, labels),
    topK: { k, accuracy: topKAccuracy(logits, labels, k) },
    negativeLogLikelihood: negativeLogLikelihood(logits, labels),
    calibrationError: calibration(logits, labels).error,
    perClass: scores.map((score, label) => ({
      name: classNames[label] ?? String(label),
      ...score,
    })),
  };
}

function table(model: string, dataset: Dataset, numbers: Numbers): string {
  const { samples, topK, perClass } = numbers;
  const width = Math.max(5, ...perClass.map(({ name }) => name.length));
  const share = (value: number | null): string =>
    (value === null ? "-" : (100 * value).toFixed(1)).padStart(9);
  return [
    `${model} on ${dataset.name} (${samples} samples)`,
    `accuracy     ${showPercent(numbers.accuracy)}, ${numbers.errors} errors`,
    `top-${topK.k}        ${showPercent(topK.accuracy)}`,
    `likelihood   ${numbers.negativeLogLikelihood.toFixed(4)} nats (mean negative log)`,
    `calibration  ${numbers.calibrationError.toFixed(4)} expected error`,
    "",
    `${"class".padEnd(width)} precision    recall`,
    ...perClass.map(
      ({ name, precision, recall }) => `${name.padEnd(width)} ${share(precision)} ${share(recall)}`,
    ),
  ].join("\n");
}
