/**
 * @file The narrower student that an export over budget offers, trained for a short while: an
 * offer with an accuracy.
 */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type Dataset,
  memoryStore,
  openSoftLabels,
  splitDataset,
  spreadSamples,
  UNLABELLED,
} from "../../../data/index.ts";
import { folderStore } from "../../../data/sources/index-node.ts";
import { runQuantized } from "../../../device/quantize/index.ts";
import {
  isSoundModel,
  type JobResult,
  labelAll,
  logMelFeatures,
  type Model,
  networkTeacher,
  packageJob,
  quantizeAfterLogMel,
  quantizeModel,
  runJob,
  writeModel,
} from "../../../distill/index.ts";
import type { Runtime } from "../../../engine/runtime/index.ts";
import { isDistillError } from "../../../errors/index.ts";
import { integerAccuracy, quantizedSamples } from "../quantized-samples.ts";
import { withRuntime } from "../start-run.ts";
import type { NarrowerStudent } from "./narrower-student.ts";

/** Data to train an offer with. */
export interface OfferData {
  readonly train: Dataset;
  /** for its accuracy alone; null to set a fifth of the training samples aside */
  readonly validation: Dataset | null;
}

export interface OfferRequest {
  readonly data: OfferData;
  /** the network that is too large: it teaches */
  readonly model: Model;
  readonly student: NarrowerStudent;
  readonly epochs: number;
  /** what the export was to write: the trained student lies beside it */
  readonly out: string;
  readonly say: (line: string) => void;
}

/** A student that was trained for a short while: what it is worth so far. */
export interface Offer {
  /** of the last epoch on the validation samples: nothing was chosen by it */
  readonly validationAccuracy: number;
  /** of its int8 form on the same samples */
  readonly int8Accuracy: number;
  readonly epochs: number;
  readonly trainSamples: number;
  readonly validationSamples: number;
  readonly seconds: number;
  /** the trained student */
  readonly file: string;
}

/** An offer, or why there is none: the data cannot tell. */
export type OfferOutcome = Offer | { readonly why: string };

/** Samples that an offer takes at most, so that it comes soon. */
const limits = { train: 1600, validation: 400 } as const;
const fileBeside = (out: string): string =>
  join(dirname(out), `${basename(out)}.narrower.safetensors`);
const rate = { kind: "cosine", value: 0.003 } as const;

/** Data that do not suit are a reason, not a failure: what is refused is the network. */
export async function trainOffer(request: OfferRequest): Promise<OfferOutcome> {
  try {
    return await trained(request);
  } catch (error) {
    if (isDistillError(error)) return { why: error.message };
    throw error;
  }
}

async function trained(request: OfferRequest): Promise<OfferOutcome> {
  const { train, validation } = parts(request.data);
  if (validation.labels.includes(UNLABELLED))
    return { why: `${validation.name} has samples without labels` };
  const { epochs, say, student } = request;
  const file = fileBeside(request.out);
  if (existsSync(file)) return { why: `${file} is there, and nothing is overwritten` };
  say(
    `Training ${student.overrides.join(" ")} for ${epochs} epochs on ${train.length} samples, taught by the network itself (--offer-epochs 0 leaves it out)`,
  );
  const started = performance.now();
  return withRuntime(async (runtime) => {
    const { model, validationAccuracy } = await distilled(runtime, request, { train, validation });
    const seconds = (performance.now() - started) / 1000;
    const { graph, samples } = await integerForm(runtime, model, { train, validation });
    const outputs = samples.map((sample) => runQuantized(graph, sample));
    await (await folderStore(dirname(file))).write(basename(file), writeModel(model));
    return {
      validationAccuracy,
      int8Accuracy: integerAccuracy(outputs, validation),
      epochs,
      trainSamples: train.length,
      validationSamples: validation.length,
      seconds,
      file,
    };
  });
}

/** With sound, of the network behind its log-mel features. */
async function integerForm(
  runtime: Runtime,
  model: Model,
  { train, validation }: { readonly train: Dataset; readonly validation: Dataset },
) {
  const options = { calibration: train, runtime };
  if (!isSoundModel(model)) {
    const graph = await quantizeModel(model, options);
    return { graph, samples: await quantizedSamples(graph, validation) };
  }
  const graph = await quantizeAfterLogMel(model, options);
  const features = await logMelFeatures(runtime, model, validation);
  return { graph, samples: await quantizedSamples(graph, features) };
}

function parts({ train, validation }: OfferData) {
  const split = validation === null ? heldOut(train) : { train, validation };
  return {
    train: spreadSamples(split.train, limits.train),
    validation: spreadSamples(split.validation, limits.validation),
  };
}

function heldOut(train: Dataset) {
  const by = train.wholeGroups === true ? "group" : "sample";
  return splitDataset(train, { seed: 0, validation: 0.2, duplicates: "same-side", by });
}

/** Trains the narrower student. @throws ConfigError "run/memory" if its step is too large */
export async function distilled(
  runtime: Runtime,
  { model, student, epochs }: Pick<OfferRequest, "model" | "student" | "epochs">,
  { train, validation }: { readonly train: Dataset; readonly validation: Dataset },
): Promise<JobResult> {
  const store = memoryStore("offer");
  const teacher = await networkTeacher(runtime, model);
  await labelAll({ teacher, dataset: train, store });
  await teacher.close();
  const job = packageJob({
    id: "narrower",
    softLabels: await openSoftLabels(store),
    train,
    validation,
    student: student.spec,
    training: { epochs, batchSize: 32, learningRate: rate, keep: "last" },
    seed: 1,
  });
  const run = runJob(job, { runtime, memoryBytes: process.availableMemory() });
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
  }
}
