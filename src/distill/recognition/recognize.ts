/** @file Word errors of the teacher, its parts and every student. */

import type { Dataset } from "../../data/index.ts";
import type { WordErrors } from "../metrics/index.ts";
import { modelLogits } from "../model-logits.ts";
import type { ArmName, DistillOptions } from "../options.ts";
import { type TestedTeacher, testTeacher } from "../teacher-parts.ts";
import { assertNotAborted, type Teacher } from "../teachers/index.ts";
import type { Model } from "../training/model-file.ts";
import {
  candidatesOf,
  type DecoderWeights,
  type RecognitionOptions,
  transcribed,
} from "./recognition-options.ts";
import { countWordErrors, tuneDecoder } from "./tune-decoder.ts";

/** What one acoustic model recognises with weights of its own. */
export interface RecognizedSystem {
  readonly name: string;
  /** chosen on validation */
  readonly weights: DecoderWeights;
  readonly validationWordErrorRate: number;
  /** of each test recording, in the order of the part */
  readonly errors: readonly WordErrors[];
}

export interface RecognitionResult {
  /** words that can be recognised */
  readonly vocabulary: number;
  /** null if only its soft labels were there */
  readonly teacher: RecognizedSystem | null;
  /** an ensemble's members, or a generalist; none for a teacher of one part */
  readonly teacherParts: readonly RecognizedSystem[];
  /** a system for each seed, in their order */
  readonly arms: readonly { readonly arm: ArmName; readonly runs: readonly RecognizedSystem[] }[];
}

/** A model's words were counted. */
export interface RecognitionEvent {
  readonly type: "recognition";
  /** "teacher", "teacher/member-1", "distilled/seed-1" */
  readonly system: string;
  readonly validationWordErrorRate: number;
}

/** One model's scores over both parts. */
export interface SystemLogits {
  readonly name: string;
  /** float32 [frames, states] */
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/**
 * Chooses a decoder's weights for one acoustic model on the validation part, and counts its word
 * errors on the test part with them.
 */
export function recognizeSystem(
  options: RecognitionOptions,
  data: { readonly validation: Dataset; readonly test: Dataset },
  { name, validation, test }: SystemLogits,
): RecognizedSystem {
  const { recognizer } = options;
  const tuned = tuneDecoder(
    recognizer,
    { logits: validation, recordings: transcribed(data.validation) },
    candidatesOf(options),
  );
  const part = { logits: test, recordings: transcribed(data.test) };
  return {
    name,
    weights: tuned.weights,
    validationWordErrorRate: tuned.wordErrorRate,
    errors: countWordErrors(recognizer, part, tuned.weights),
  };
}

/** What words are counted of: models and what they say of the test part. */
export interface RecognizedArm {
  readonly arm: ArmName;
  readonly runs: readonly {
    readonly seed: number;
    readonly model: Model;
    readonly testLogits: Float32Array;
  }[];
}

/** @param tested the teacher on the test split */
export async function* measureRecognition(
  {
    recognition,
    runtime,
    data,
    signal,
  }: Pick<DistillOptions, "runtime" | "signal"> & {
    readonly recognition: RecognitionOptions;
    readonly data: { readonly validation: Dataset; readonly test: Dataset };
  },
  teacher: Teacher | null,
  tested: TestedTeacher | null,
  arms: readonly RecognizedArm[],
): AsyncGenerator<RecognitionEvent, RecognitionResult> {
  async function* recognized(
    logits: SystemLogits,
  ): AsyncGenerator<RecognitionEvent, RecognizedSystem> {
    assertNotAborted(signal, "recognition");
    const system = recognizeSystem(recognition, data, logits);
    const { name, validationWordErrorRate } = system;
    yield { type: "recognition", system: name, validationWordErrorRate };
    return system;
  }
  const systems: RecognizedSystem[] = [];
  if (teacher !== null && tested !== null)
    for (const logits of teacherLogits(await testTeacher(teacher, data.validation), tested))
      systems.push(yield* recognized(logits));
  const [whole = null, ...teacherParts] = systems;
  const recognizedArms: { arm: ArmName; runs: RecognizedSystem[] }[] = [];
  for (const { arm, runs } of arms) {
    const own: RecognizedSystem[] = [];
    for (const { seed, model, testLogits } of runs) {
      const validation = await modelLogits(runtime, model, data.validation);
      const logits = { name: `${arm}/seed-${seed}`, validation, test: testLogits };
      own.push(yield* recognized(logits));
    }
    recognizedArms.push({ arm, runs: own });
  }
  const vocabulary = recognition.recognizer.loop.languageModel.vocabulary.length;
  return { vocabulary, teacher: whole, teacherParts, arms: recognizedArms };
}

/** The teacher first, then what it is made of. */
function teacherLogits(validation: TestedTeacher, test: TestedTeacher): readonly SystemLogits[] {
  const [before, after] = [partLogits(validation), partLogits(test)];
  const whole = { name: "teacher", validation: validation.testLogits, test: test.testLogits };
  return [
    whole,
    ...after.map(({ name, logits }, at) => ({
      name,
      validation: before[at]!.logits, // of the same parts
      test: logits,
    })),
  ];
}

function partLogits({ parts }: TestedTeacher): readonly { name: string; logits: Float32Array }[] {
  if (parts === null) return [];
  if (parts.kind === "specialists")
    return [{ name: "teacher/generalist", logits: parts.generalist.testLogits }];
  return parts.members.map(({ testLogits }, at) => ({
    name: `teacher/member-${at + 1}`,
    logits: testLogits,
  }));
}
