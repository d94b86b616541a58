/** @file A small data set and made-up teachers, for the tests of teachers and of labelling. */

import { arrayDataset, type Dataset, type MemberKind } from "../../data/index.ts";
import { elementCount, randomStream } from "../../engine/tensor/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import type { Teacher, TeacherBatch } from "./teacher.ts";

export const insects: readonly string[] = ["ant", "bee", "cat"];

/** uint8 images [1, 4, 4] of three classes; every fifth sample is unlabelled. */
export function insectData(samples: number): Dataset {
  const stream = randomStream("insects");
  return arrayDataset({
    name: "insects",
    dtype: "uint8",
    shape: [1, 4, 4],
    data: Uint8Array.from({ length: samples * 16 }, () => stream.integer(256)),
    labels: Int32Array.from({ length: samples }, (_, i) => (i % 5 === 4 ? -1 : i % 3)),
    classNames: insects,
  });
}

/** The first `count` samples of a data set. */
export async function batchOf(data: Dataset, count: number): Promise<TeacherBatch> {
  const size = elementCount(data.shape);
  const into =
    data.dtype === "uint8" ? new Uint8Array(count * size) : new Float32Array(count * size);
  await data.gather(
    Int32Array.from({ length: count }, (_, i) => i),
    into,
  );
  const samples = { dtype: data.dtype, shape: [count, ...data.shape], data: into };
  return {
    samples: samples as TeacherBatch["samples"], // dtype and array go together
    keys: Array.from({ length: count }, (_, i) => data.key(i)),
    view: 0,
  };
}

/** Logits that any program computes alike: exact sums of pixels, per class, halved. */
export function pixelLogits(pixels: ArrayLike<number>, weight: number): number[] {
  const z = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) z[i % 3]! += (pixels[i]! * weight) / 64;
  return z;
}

export interface PixelTeacherOptions {
  readonly name?: string;
  readonly weight?: number;
  readonly kind?: MemberKind;
  readonly classNames?: readonly string[] | null;
}

/** A teacher without a network: `pixelLogits` of each stored sample. */
export function pixelTeacher({
  name = "pixels",
  weight = 1,
  kind = "logits",
  classNames = insects,
}: PixelTeacherOptions = {}): Teacher {
  const hash = sha256Hex(new TextEncoder().encode(`${name} ${weight}`));
  return {
    name,
    hash,
    members: [{ name, hash, kind }],
    combine: "arithmetic",
    classCount: 3,
    classNames,
    parameters: 1,
    macs: 16,
    bytes: 4,
    summary: null,
    workload: { batchSize: 8, concurrency: 1, samplesPerShard: 16, isRepeatable: true },
    logits: async ({ samples, keys }) => {
      const size = samples.data.length / keys.length;
      return Float32Array.from(
        keys.flatMap((_, row) =>
          pixelLogits(samples.data.subarray(row * size, (row + 1) * size), weight),
        ),
      );
    },
    currentHash: () => hash,
    close: async () => {},
  };
}
