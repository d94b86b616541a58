/** @file What the inner tensors of an .onnx file hold, opened beside its logits. */

import type { Dataset } from "../../data/index.ts";
import { type OnnxModel, withOutput } from "../../engine/onnx/index.ts";
import type { Runtime } from "../../engine/runtime/index.ts";
import {
  allocate,
  elementCount,
  type Shape,
  showShape,
  type Tensor,
} from "../../engine/tensor/index.ts";
import { DataError, nearestName, unknownName } from "../../errors/index.ts";
import { assertTeacherSamples } from "./assert-teacher.ts";
import { featureRunner } from "./feature-runner.ts";
import type { OnnxInput } from "./onnx-input.ts";
import type { Teacher, TeacherFeatures } from "./teacher.ts";

/** A file that has been opened as teacher. */
export interface OpenFile {
  readonly model: Uint8Array;
  readonly file: string;
  readonly parsed: OnnxModel;
  readonly input: OnnxInput;
  readonly dataset: Pick<Dataset, "dtype" | "shape">;
  /** samples in a run */
  readonly batchSize: number;
  readonly threads?: number;
}

/**
 * Finds the tensors' shapes by running one batch.
 *
 * @param asked names of tensors in the file, all different, and samples in a question
 * @throws ConfigError "config/unknown-name"; DataError "teacher/answer" for a tensor that is no
 *   float32 [batch, ...]; BackendError "backend/load"
 */
export async function onnxFeatures(
  runtime: Runtime,
  { model, file, parsed, input, dataset, threads = 1, ...opened }: OpenFile,
  [tensors, size]: Parameters<NonNullable<Teacher["features"]>>,
): Promise<TeacherFeatures> {
  const batchSize = input.fixedBatch ?? Math.min(size, opened.batchSize);
  const names = parsed.graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== "");
  for (const name of tensors) if (!names.includes(name)) throw unknown(file, name, names);
  const tapped = tensors.reduce(
    (bytes, name) => withOutput(bytes, file, { name, dtype: "float32", shape: undefined }),
    model,
  );
  const session = await runtime.load(tapped, { threads }).catch((cause: unknown) => {
    throw notGiven(file, tensors, cause);
  });
  const sampleSize = elementCount(dataset.shape);
  try {
    const zeros = allocate(dataset.dtype, batchSize * sampleSize);
    const { outputs } = await session.run({ [input.name]: input.feed(zeros) });
    const shapes = tensors.map((name) => featureShape(outputs[name]!, name, { file, batchSize })); // they are outputs now
    const run = featureRunner(session, {
      feed: (data) => ({ [input.name]: input.feed(data) }),
      ...{ tensors, shapes, batchSize, sampleSize },
    });
    return {
      shapes,
      ask: async ({ samples }) => {
        assertTeacherSamples(file, dataset, samples);
        return run(samples.data);
      },
      close: () => session.dispose(),
    };
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

/** Names of a large file are many: shown are the nearest, and those with the word in them. */
function unknown(file: string, name: string, names: readonly string[]): Error {
  const near = nearestName(name, names);
  const alike = names.filter((other) => other.includes(name));
  const shown = alike.length > 0 ? alike : names.slice(-shownNames);
  return unknownName(file, "tensor", name, [...new Set([...(near ? [near] : []), ...shown])]);
}

const shownNames = 40;

/** @returns the failure itself, unless the runtime says that a type is not the declared one */
function notGiven(file: string, tensors: readonly string[], cause: unknown): unknown {
  const words = cause instanceof Error ? String(cause.cause ?? cause.message) : String(cause);
  if (!words.includes("does not match expected type")) return cause;
  return new DataError("teacher/answer", {
    where: `${file}, tensors ${tensors.join(", ")}`,
    rule: "features must be float32 tensors of the file",
    got: words.replace(/\.+$/, ""),
    fix: "Name the tensor that a layer gives",
    cause,
  });
}

function featureShape(
  { dtype, shape }: Tensor,
  name: string,
  { file, batchSize }: Pick<OpenFile, "file" | "batchSize">,
): Shape {
  if (dtype === "float32" && shape.length > 1 && shape[0] === batchSize) return shape.slice(1);
  throw new DataError("teacher/answer", {
    where: `${file}, tensor "${name}"`,
    rule: `a feature must be float32 [batch, ...], and ${batchSize} samples were asked about`,
    got: `${dtype} ${showShape(shape)}`,
    fix: "Name the tensor of a layer",
    details: { dtype, shape },
  });
}
