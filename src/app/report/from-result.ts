/** @file What a distillation run gives back, as what a report is made of. */

import {
  alignSoftLabels,
  combinedLogProbabilities,
  type Dataset,
  effectiveLogits,
  UNLABELLED,
} from "../../data/index.ts";
import type { ArmResult, DistillResult } from "../../distill/index.ts";
import { networkOf } from "../../distill/index.ts";
import { macCount, parameterCount, summarize } from "../../engine/nn/index.ts";
import { allocate, elementCount, showShape } from "../../engine/tensor/index.ts";
import type {
  ArmInput,
  CreatedBy,
  DataInput,
  ExplorerSample,
  Json,
  ReportInput,
  SeedInput,
  TeacherInput,
} from "./input.ts";
import { recordingGroups } from "./recording-groups.ts";

/** What the result itself does not know. */
export interface ResultContext {
  readonly title: string;
  readonly createdBy: CreatedBy;
  readonly recipe: Json;
  readonly commandLine: string;
  readonly dataName: string;
  readonly dataHash: string;
  readonly parts: { readonly train: Dataset; readonly validation: Dataset; readonly test: Dataset };
  /** file names in the run folder, by the format they are in */
  readonly studentFile: string;
}

/** @returns the report's input; samples for the explorer are read from the training part */
export async function reportInput(
  result: DistillResult,
  context: ResultContext,
): Promise<ReportInput> {
  const { student, checks } = result;
  return {
    title: context.title,
    createdBy: context.createdBy,
    recipe: context.recipe,
    startHash: result.startHash,
    commandLine: context.commandLine,
    data: dataInput(context),
    seeds: result.seeds,
    seedVaries: result.seedVaries,
    teacher: teacherInput(result),
    arms: result.arms.map((arm) => armInput(arm, result)),
    testLabels: context.parts.test.labels,
    testGroups: context.parts.test.groups,
    softLabels: result.precisions.length === 0 ? null : result.precisions,
    convergence: convergenceInput(result),
    transfer: result.transfer,
    teacherParts: result.teacherParts,
    recognition: result.recognition,
    recordingGroups: result.recognition && recordingGroups(context.parts.test),
    search: result.search,
    explorer: await explorerSamples(result, context.parts.train),
    selfChecks: checks,
    exports: [
      {
        file: context.studentFile,
        format: `ONNX, opset ${student.opset}`,
        bytes: student.bytes.length,
        parity: `logits within ${student.maxDifference.toExponential(1)} of the trained graph's on the validation split`,
      },
    ],
    notes: [],
  };
}

function dataInput({ dataName, dataHash, parts }: ResultContext): DataInput {
  const { train, validation, test } = parts;
  return {
    name: dataName,
    hash: dataHash,
    sampleShape: train.shape,
    classNames: train.classNames,
    trainSize: train.length,
    validationSize: validation.length,
    testSize: test.length,
    transferSize: train.length,
    unlabelledCount: train.labels.filter((label) => label === UNLABELLED).length,
  };
}

function teacherInput(result: DistillResult): TeacherInput {
  const { teacher, teacherTestLogits, teacherLatencyMs, manifest } = result;
  const members = manifest.members.length;
  return {
    name: teacher?.name ?? manifest.members.map(({ name }) => name).join(" + "),
    description:
      teacher === null
        ? `Known by its soft labels alone; hash ${manifest.teacherHash.slice(0, 12)}.${seenInputs(manifest)}`
        : `${members === 1 ? "One network" : `An ensemble of ${members}`}; hash ${teacher.hash.slice(0, 12)}.${seenInputs(manifest)}`,
    summary: teacher?.summary ?? null,
    parameters: teacher?.parameters ?? null,
    macs: teacher?.macs ?? null,
    bytes: teacher?.bytes ?? null,
    testLogits: teacherTestLogits === null ? [] : [teacherTestLogits],
    ...(manifest.teacherClasses && { classNames: manifest.teacherClasses }),
    isSigmoid: isSigmoid(manifest),
    latencyMs: teacherLatencyMs,
  };
}

/** What the teacher saw, where that is not what the student sees. */
function seenInputs({ teacherInputs, sample }: DistillResult["manifest"]): string {
  if (teacherInputs === undefined) return "";
  const [seen, own] = [teacherInputs.sample, sample].map(
    ({ dtype, shape }) => `${dtype} ${showShape(shape)}`,
  );
  return ` It saw ${teacherInputs.name}, ${seen}, of the samples that the student sees as ${own}.`;
}

function armInput(arm: ArmResult, { student }: DistillResult): ArmInput {
  const network = networkOf(arm.runs[0]!.job.model); // an arm has a run for each seed
  return {
    arm: arm.arm,
    name: network.name,
    description: arm.description,
    summary: summarize(network),
    parameters: parameterCount(network),
    macs: macCount(network),
    bytes: student.bytes.length, // all arms have the exported student's network
    tuning: {
      trials: arm.trials.map(({ learningRate, validationAccuracy }) => ({
        settings: { learningRate },
        validationAccuracy,
      })),
      chosen: Math.max(0, arm.chosen), // −1 where nothing was tried
    },
    perSeed: arm.runs.map(
      ({ seed, job, testLogits, latencyMs }): SeedInput => ({
        seed,
        testLogits,
        curve: job.history,
        latencyMs,
      }),
    ),
  };
}

function convergenceInput({ convergence, labellingSeconds }: DistillResult) {
  if (convergence.length === 0) return null;
  const runs = convergence.map(({ arm, seed, learningRate, job }) => ({
    arm,
    seed,
    learningRate,
    validationAccuracy: job.history.map((record) => record.validationAccuracy),
    epochSeconds: job.history.map(({ seconds }) => seconds),
  }));
  return { runs, labellingSeconds };
}

/** A package does not mix members of independent classes with others. */
function isSigmoid({ members }: DistillResult["manifest"]): boolean {
  return members[0]?.kind === "sigmoid";
}

const explorerCount = 12;

/** The training samples that the teacher is least sure of: there its soft labels say most. */
async function explorerSamples(
  { softLabels, manifest }: DistillResult,
  train: Dataset,
): Promise<readonly ExplorerSample[]> {
  const { members, classCount, combine, weights } = manifest;
  const row = new Float32Array(members.length * classCount);
  const options = {
    method: combine,
    isSigmoid: isSigmoid(manifest),
    ...(weights && { weights }),
  };
  const teacherAt = (at: number): Float64Array =>
    combinedLogProbabilities(softLabels.logits(at, 0, row), members.length, options);
  const rows = manifest.teacherInputs && alignSoftLabels(softLabels, train); // equal samples differ
  const known = Array.from({ length: train.length }, (_, sample) => ({
    sample,
    at: rows?.[sample] ?? softLabels.lookup(train.key(sample)),
  })).flatMap(({ sample, at }) => (at === undefined ? [] : [{ sample, at }]));
  const chosen = known
    .map((entry) => ({ ...entry, confidence: Math.max(...teacherAt(entry.at)) }))
    .sort((a, b) => a.confidence - b.confidence || a.sample - b.sample)
    .slice(0, explorerCount);
  const samples: ExplorerSample[] = [];
  for (const { sample, at } of chosen)
    samples.push({
      pixels: await pixelsOf(train, sample),
      shape: train.shape,
      label: train.labels[sample] ?? UNLABELLED,
      teacherLogits: options.isSigmoid
        ? effectiveLogits(softLabels.logits(at, 0, row), manifest)
        : Float32Array.from(teacherAt(at)),
    });
  return samples;
}

/** @returns the sample's bytes if it is a grey or colour picture, or null */
async function pixelsOf(dataset: Dataset, sample: number): Promise<Uint8Array | null> {
  const { dtype, shape } = dataset;
  const isPicture = dtype === "uint8" && shape.length === 3 && (shape[0] === 1 || shape[0] === 3);
  if (!isPicture) return null;
  const pixels = allocate("uint8", elementCount(shape));
  await dataset.gather(Int32Array.of(sample), pixels);
  return pixels;
}
