/**
 * @file The teacher's inner values while students train: asked once for each view of a sample, as
 * far as memory goes.
 */

import { type Dataset, seenByTeacher, type ViewSpec } from "../../data/index.ts";
import { elementCount, type Shape } from "../../engine/tensor/index.ts";
import { sampleReader } from "../sample-reader.ts";
import type { Teacher, TeacherBatch, TeacherFeatures } from "../teachers/teacher.ts";
import { noFeatures } from "./no-features.ts";

/**
 * Writes what each layer gives of a batch.
 *
 * @param indices int32 [batch], sample numbers
 * @param into of each layer float32 [batch, ...shape]
 */
type FeaturesOfBatch = (
  indices: Int32Array,
  view: number,
  into: readonly Float32Array[],
) => Promise<void>;

export interface OpenFeatures {
  /** of one sample, by the layer's name */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** @param views how students see samples */
  readonly reader: (dataset: Dataset, views: ViewSpec) => FeaturesOfBatch;
  readonly close: () => Promise<void>;
}

/** Bytes of answers that are kept for further epochs, and for further students of one run. */
const keptBytes = 2 ** 29;
/** What a key and its place in the map take, about. */
const keyBytes = 150;

/**
 * @param layers of the teacher, all different
 * @param batchSize samples in a question
 * @throws ConfigError "config/conflict" for a teacher without; as Teacher.features
 */
export async function openFeatures(
  teacher: Teacher,
  layers: readonly string[],
  batchSize: number,
): Promise<OpenFeatures> {
  if (teacher.features === undefined)
    throw noFeatures(`teacher "${teacher.name}"`, "a teacher that only answers");
  const features = await teacher.features(layers, batchSize);
  const memory = new FeatureMemory(features);
  return {
    shapes: new Map(layers.map((layer, at) => [layer, features.shapes[at]!])), // one each
    reader: (dataset, views) => memory.reader(dataset, views),
    close: () => features.close(),
  };
}

/** What the teacher gives of one view of all samples. */
interface KeptView {
  /** by content key */
  readonly rows: Map<string, number>;
  /** of each layer float32 [rows, ...shape] */
  readonly values: readonly Float32Array[];
}

/** A view is kept if there is room for all of its samples; else its samples are asked each time. */
class FeatureMemory {
  readonly #features: TeacherFeatures;
  readonly #widths: readonly number[];
  readonly #kept = new Map<string, KeptView | null>();
  #left = keptBytes;

  constructor(features: TeacherFeatures) {
    this.#features = features;
    this.#widths = features.shapes.map(elementCount);
  }

  reader(dataset: Dataset, views: ViewSpec): FeaturesOfBatch {
    const { seed, augmentation } = views;
    const seen = augmentation === null ? "" : JSON.stringify({ seed, augmentation });
    const read = sampleReader(dataset, views);
    const asked = seenByTeacher(dataset);
    return async (indices, view, into) => {
      const kept = this.#viewOf(`${seen} ${asked.hash()} ${view}`, asked.length);
      if (kept === null) {
        const { ask } = this.#features;
        for (const [at, values] of (await ask(await read(indices, view))).entries())
          into[at]!.set(values); // a layer each
        return;
      }
      const keys = Array.from(indices, (index) => asked.key(index));
      const missing = indices.filter((_, slot) => !kept.rows.has(keys[slot]!)); // a key each
      if (missing.length > 0) await this.#keep(kept, await read(missing, view));
      for (const [slot, key] of keys.entries())
        this.#copy(kept.values, kept.rows.get(key)!, into, slot); // kept now
    };
  }

  async #keep({ rows, values }: KeptView, batch: TeacherBatch): Promise<void> {
    const answer = await this.#features.ask(batch);
    for (const [slot, key] of batch.keys.entries()) {
      if (rows.has(key)) continue; // equal samples, or another student has asked meanwhile
      this.#copy(answer, slot, values, rows.size);
      rows.set(key, rows.size);
    }
  }

  #copy(
    from: readonly Float32Array[],
    row: number,
    into: readonly Float32Array[],
    slot: number,
  ): void {
    for (const [at, width] of this.#widths.entries())
      into[at]!.set(from[at]!.subarray(row * width, (row + 1) * width), slot * width); // of each layer
  }

  #viewOf(name: string, samples: number): KeptView | null {
    const found = this.#kept.get(name);
    if (found !== undefined) return found;
    const bytes = this.#widths.reduce((sum, width) => sum + 4 * width, keyBytes) * samples;
    const fits = bytes <= this.#left;
    if (fits) this.#left -= bytes;
    const view = fits
      ? {
          rows: new Map<string, number>(),
          values: this.#widths.map((width) => new Float32Array(samples * width)),
        }
      : null;
    this.#kept.set(name, view);
    return view;
  }
}
