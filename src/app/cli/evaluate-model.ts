/** @file The work of potstill evaluate. */

import { type DataSpec, type Dataset, labelledSamples } from "../../data/index.ts";
import {
  type RecognitionOptions,
  type RecognizedSystem,
  recognizeSystem,
  type SampleEncoding,
  teacherLogits,
} from "../../distill/index.ts";
import {
  accuracy,
  calibration,
  confusionMatrix,
  errorCount,
  negativeLogLikelihood,
  perClassScores,
  topKAccuracy,
} from "../../distill/metrics/index.ts";
import { ConfigError, unknownName } from "../../errors/index.ts";
import { parseDataSpec, splitData } from "../spec/index.ts";
import { encodedAs, encodingOf, type ModelFile } from "./data-encoding.ts";
import { showPercent } from "./event-text.ts";
import { loadAnyData } from "./load-data.ts";
import { openFile } from "./open-teacher.ts";
import { prepareDecoder, spokenPart } from "./prepare-decoder.ts";
import { readRecipeWithPlaces } from "./recipe-file.ts";
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
  const source = modelSource(request);
  const { dataset, leftOut, decoder, unread } = await wantedData(request, source);
  const [logits, words] = await withRuntime(async (runtime) => {
    const teacher = await openFile(source, { runtime, dataset, threads: 1 });
    const test = await teacherLogits(teacher, dataset);
    if (decoder === null) return [test, null];
    const validation = await teacherLogits(teacher, decoder.validation);
    const data = { validation: decoder.validation, test: dataset };
    const system = { name: request.model, validation, test };
    return [test, recognizeSystem(decoder.recognition, data, system)];
  });
  const numbers = {
    ...measure(logits, dataset, leftOut),
    ...(unread && { teacherInputs: "not read" as const }),
    ...(words && { recognition: await heard(words, dataset) }),
  };
  const { model, terminal, json } = request;
  terminal.print(
    json
      ? JSON.stringify({ model, data: dataset.name, dataHash: dataset.hash(), ...numbers })
      : table(model, dataset, numbers),
  );
}

const parts = ["test", "validation", "train"] as const;

interface Wanted {
  readonly dataset: Dataset;
  /** samples whose class is not known */
  readonly leftOut: number;
  /** of a recipe that has one, with the part that its weights are chosen on */
  readonly decoder: {
    readonly recognition: RecognitionOptions;
    readonly validation: Dataset;
  } | null;
  /** the recipe's teacher sees other inputs than these */
  readonly unread?: boolean;
}

async function wantedData(
  { data, part = "test" }: EvaluateRequest,
  source: ModelFile,
): Promise<Wanted> {
  const wanted = oneOf("--part", part, parts);
  if (/\.ya?ml$/.test(data)) {
    const { recipe, placeOf } = await readRecipeWithPlaces(data, []);
    if (recipe.data === undefined) throw noPart(data, "data");
    const encoding = await encodingOf(recipe.data, source);
    const found = splitData(await loadAnyData(encodedAs(encoding, recipe.data)), recipe);
    const dataset = found[wanted];
    if (dataset === null) throw noPart(data, wanted);
    const unread = recipe.teacherInputs !== undefined;
    if (recipe.decoder === undefined) return { ...judgedBy(dataset), unread };
    const spoken = spokenPart(dataset);
    const judged = { ...found, test: spoken };
    const { recognition } = await prepareDecoder(recipe.decoder, judged, placeOf);
    const decoder = { recognition, validation: found.validation };
    return { dataset: spoken, leftOut: dataset.length - spoken.length, decoder, unread };
  }
  const spec = parseDataSpec(data, "--data");
  if (wanted === "validation") throw noPart(data, wanted);
  const encoding = await encodingOf(spec, source);
  assertTrainingStatistics(spec, encoding);
  const loaded = await loadAnyData(encodedAs(encoding, spec));
  return judgedBy(wanted === "test" ? (loaded.test ?? loaded.train) : loaded.train);
}

function judgedBy(part: Dataset): Wanted {
  const dataset = labelledSamples(part);
  return { dataset, leftOut: part.length - dataset.length, decoder: null };
}

/**
 * @throws ConfigError "config/usage" for features that would be standardised over themselves, for a
 *   model that does not say by what its own were
 */
function assertTrainingStatistics(spec: DataSpec, { frames }: SampleEncoding): void {
  if (spec.source !== "frames" && spec.source !== "speech") return;
  if (frames !== undefined) return;
  if (spec.test !== undefined || spec.standardize === false) return;
  throw new ConfigError("config/usage", {
    where: "potstill evaluate --data",
    rule: "features are standardised over the training part, which the model has seen",
    got: `source: ${spec.source} without a test part beside it, and a model that does not say by what`,
    fix: "Name the model's recipe, or the training part's data with these as their test",
  });
}

function noPart(data: string, part: string): ConfigError {
  return new ConfigError("config/usage", {
    where: "potstill evaluate",
    rule: `${data} has no ${part} part`,
    fix: "Name a recipe that has one, or another part",
  });
}

function modelSource({ model, output, kind, layout }: EvaluateRequest): ModelFile {
  if (!/\.(onnx|safetensors)$/.test(model))
    throw new ConfigError("config/usage", {
      where: "potstill evaluate",
      rule: "a model is a .onnx or .safetensors file",
      got: model,
      fix: "Name one, such as student.safetensors in a run's folder",
    });
  if (!model.endsWith(".onnx")) {
    assertForOnnx({ output, kind, layout });
    return { checkpoint: model };
  }
  return {
    model,
    ...(output !== undefined && { output }),
    ...(kind !== undefined && {
      kind: oneOf("--kind", kind, ["logits", "probabilities", "sigmoid"] as const),
    }),
    ...(layout !== undefined && { layout: oneOf("--layout", layout, ["nchw", "nhwc"] as const) }),
  };
}

/** What a foreign file may need to be told of; a trained model knows it of itself. */
function assertForOnnx(options: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined)
      throw new ConfigError("config/usage", {
        where: "potstill evaluate",
        rule: `--${name} is for .onnx files`,
        got: `--${name} ${value}`,
        fix: "Leave it out",
      });
}

function oneOf<T extends string>(option: string, value: string, names: readonly T[]): T {
  const found = names.find((name) => name === value);
  if (found === undefined) throw unknownName(option, "value", value, names);
  return found;
}

interface Numbers {
  readonly samples: number;
  /** samples of the data that have no class, and were left out */
  readonly unlabelled: number;
  readonly accuracy: number;
  readonly errors: number;
  readonly topK: { readonly k: number; readonly accuracy: number };
  /** nats */
  readonly negativeLogLikelihood: number;
  readonly calibrationError: number;
  readonly perClass: readonly ({ readonly name: string } & ReturnType<
    typeof perClassScores
  >[number])[];
  /** [label][predicted class], counts of samples */
  readonly confusion: ReturnType<typeof confusionMatrix>;
  readonly recognition?: Heard;
  /** there where the recipe has teacher inputs: the model was asked about its data */
  readonly teacherInputs?: "not read";
}

/** Word errors; with weights that were chosen on the recipe's validation part. */
type Heard = Awaited<ReturnType<typeof heard>>;

async function heard(system: RecognizedSystem, dataset: Dataset) {
  const { recordingGroups, reportWordErrors } = await import("../report/index.ts"); // with its charts
  const { wordErrorRate, decoder, ...kinds } = reportWordErrors([system], recordingGroups(dataset));
  const { mean, low, high } = wordErrorRate;
  return {
    wordErrorRate: { mean, low, high },
    words: system.errors.reduce((sum, { words }) => sum + words, 0),
    substitutions: kinds.substitutions.mean,
    deletions: kinds.deletions.mean,
    insertions: kinds.insertions.mean,
    decoder: decoder[0]!, // of one system
  };
}

function wordsLine({ recognition }: Numbers): readonly string[] {
  if (recognition === undefined) return [];
  const { wordErrorRate, words, substitutions, deletions, insertions } = recognition;
  const { mean, low, high } = wordErrorRate;
  const interval =
    low === null || high === null
      ? "too few groups of recordings for an interval"
      : `95 % interval ${showPercent(low)} to ${showPercent(high)}`;
  const kinds = `${substitutions} substituted, ${deletions} deleted, ${insertions} inserted`;
  return [`word errors  ${showPercent(mean)} (${interval}) of ${words} words: ${kinds}`];
}

function measure(
  logits: Float32Array,
  { labels, classNames, length }: Dataset,
  unlabelled: number,
): Numbers {
  const k = Math.min(5, Math.max(1, classNames.length - 1));
  const confusion = confusionMatrix(logits, labels);
  const scores = perClassScores(confusion);
  return {
    samples: length,
    unlabelled,
    accuracy: accuracy(logits, labels),
    errors: errorCount(logits, labels),
    topK: { k, accuracy: topKAccuracy(logits, labels, k) },
    negativeLogLikelihood: negativeLogLikelihood(logits, labels),
    calibrationError: calibration(logits, labels).error,
    perClass: scores.map((score, label) => ({
      name: classNames[label] ?? String(label),
      ...score,
    })),
    confusion,
  };
}

function table(model: string, dataset: Dataset, numbers: Numbers): string {
  const { samples, unlabelled, topK, perClass } = numbers;
  const leftOut = unlabelled === 0 ? "" : `; ${unlabelled} without a class left out`;
  const width = Math.max(5, ...perClass.map(({ name }) => name.length));
  const share = (value: number | null): string =>
    (value === null ? "-" : (100 * value).toFixed(1)).padStart(9);
  return [
    `${model} on ${dataset.name} (${samples} samples${leftOut})`,
    `accuracy     ${showPercent(numbers.accuracy)}, ${numbers.errors} errors`,
    `top-${topK.k}        ${showPercent(topK.accuracy)}`,
    `likelihood   ${numbers.negativeLogLikelihood.toFixed(4)} nats (mean negative log)`,
    `calibration  ${numbers.calibrationError.toFixed(4)} expected error`,
    ...wordsLine(numbers),
    ...(numbers.teacherInputs === undefined
      ? []
      : [
          "inputs       the recipe's data, as a student sees them; its teacherInputs were not read",
        ]),
    "",
    `${"class".padEnd(width)} precision    recall`,
    ...perClass.map(
      ({ name, precision, recall }) => `${name.padEnd(width)} ${share(precision)} ${share(recall)}`,
    ),
  ].join("\n");
}
