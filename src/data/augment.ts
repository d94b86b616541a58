/**
 * @file Augmentation of images as a function of (seed, view, sample), so that it can be replayed
 * anywhere.
 */

import type { SampleDType } from "../engine/tensor/index.ts";
import {
  type DataOf,
  elementCount,
  mixKey,
  type Shape,
  showShape,
} from "../engine/tensor/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import type { Mixup } from "./mixup.ts";

/**
 * What may happen to a sample. Displacements and mirroring are for images; displacements are
 * integers, so no pixel is ever interpolated.
 */
export interface Augmentation {
  /** moves by up to this many pixels, each axis uniform in -shift … shift */
  readonly shift?: number;
  /** mirrors left and right in half of the views */
  readonly flip?: boolean;
  /** pads every side and cuts out the original size at a random place: as `shift` by `padding` */
  readonly crop?: { readonly padding: number };
  /** stored value (before preprocessing) of pixels that move in from outside; default 0 */
  readonly fill?: number;
  /** mixes every sample with another one, of any shape, drawn by content; see `makeMixer` */
  readonly mixup?: Mixup;
}

/** What an augmented sample is a function of. */
export interface AugmentationDraw {
  readonly seed: number;
  /** which augmented view: 0, 1, … */
  readonly view: number;
  /** `keyWord` of the sample's key, never its position, so that draws follow the sample */
  readonly sample: number;
}

/** A batch to augment: samples one after another. */
export interface AugmentationBatch<D extends SampleDType> {
  readonly view: number;
  /** uint32 [batch], `keyWord` of each sample */
  readonly samples: Uint32Array;
  /** [batch, channels, height, width] */
  readonly source: DataOf[D];
  /** as source; must not share its memory */
  readonly target: DataOf[D];
}

type Image = { readonly shape: Shape; readonly dtype: SampleDType };
type Pixels = DataOf[SampleDType];

/**
 * Makes the function that augments batches of one shape.
 *
 *   word = mix(seed, "augment", view, sample)
 *   dy, dx = uniform in -n … n,  n = shift or crop.padding;   flipped = one more bit
 *   target[c, y, x] = source[c, y - dy, x'],  fill outside the source,
 *   where x' = x - dx, or width - 1 - (x - dx) if flipped
 *
 * @param image a data set, or its shape [channels, height, width] and dtype
 * @throws DataError "data/not-image" unless the shape has three axes; ConfigError "config/range"
 *   for displacements that are not integers below the image's sides or a fill that the dtype
 *   cannot hold, "config/conflict" for shift with crop, and for mixup, which `makeViews` does
 */
export function makeAugmenter(
  image: Image,
  spec: Augmentation,
  seed: number,
): <D extends SampleDType>(batch: AugmentationBatch<D>) => void {
  assertAugmentation(image, spec);
  const { shape } = image;
  const size = elementCount(shape);
  const base = mixKey(seed, "augment");
  const place = makePlacer(shape, spec);
  return ({ view, samples, source, target }) => {
    const key = mixKey(base, view);
    for (let row = 0; row < samples.length; row++)
      place(source, target, row * size, mixKey(key, samples[row]!));
  };
}

/**
 * Augments one sample; the same draws as `makeAugmenter`, which is faster for many.
 *
 * @param source [channels, height, width]; @param target as source, other memory
 * @throws as makeAugmenter
 */
export function augmentInto<D extends SampleDType>(
  image: Image & { readonly dtype: D },
  spec: Augmentation,
  { seed, view, sample }: AugmentationDraw,
  source: DataOf[D],
  target: DataOf[D],
): void {
  makeAugmenter(image, spec, seed)({ view, samples: Uint32Array.of(sample), source, target });
}

/**
 * @returns the function that draws from `word` and writes the sample that starts at element `at`
 */
function makePlacer(
  shape: Shape,
  { shift, crop, flip = false, fill = 0 }: Augmentation,
): (source: Pixels, target: Pixels, at: number, word: number) => void {
  const [channels, height, width] = shape as readonly [number, number, number]; // checked before
  const reach = shift ?? crop?.padding ?? 0;
  const choices = 2 * reach + 1;
  return (source, target, at, word) => {
    const dy = Math.floor((mixKey(word, 1) / 2 ** 32) * choices) - reach;
    const dx = Math.floor((mixKey(word, 2) / 2 ** 32) * choices) - reach;
    const flipped = flip && mixKey(word, 3) >= 2 ** 31;
    const first = Math.max(0, dx);
    const end = Math.min(width, width + dx);
    const stride = flipped ? -1 : 1;
    const origin = flipped ? width - 1 + dx : -dx; // source column of target column 0
    for (let line = 0; line < channels * height; line++) {
      const y = (line % height) - dy;
      const to = at + line * width;
      if (y < 0 || y >= height) {
        for (let x = 0; x < width; x++) target[to + x] = fill;
        continue;
      }
      const from = at + (line - dy) * width + origin;
      for (let x = 0; x < first; x++) target[to + x] = fill;
      for (let x = first; x < end; x++) target[to + x] = source[from + stride * x]!;
      for (let x = end; x < width; x++) target[to + x] = fill;
    }
  };
}

function assertAugmentation({ shape, dtype }: Image, spec: Augmentation): void {
  if (spec.mixup !== undefined)
    throw new ConfigError("config/conflict", {
      where: "augmentation",
      rule: "samples are mixed with others of their data set, which an augmenter of single images has not",
      got: "mixup",
      fix: "Read views of the data set with makeViews",
      details: {},
    });
  if (shape.length !== 3)
    throw new DataError("data/not-image", {
      where: "augmentation",
      rule: "shift, flip and crop need images of shape [channels, height, width]",
      got: `samples of shape ${showShape(shape)}`,
      fix: "Leave augmentation out, or give the samples an image shape",
      details: { shape },
    });
  const { shift, crop, fill = 0 } = spec;
  if (shift !== undefined && crop !== undefined)
    throw new ConfigError("config/conflict", {
      where: "augmentation",
      rule: "shift and crop are the same displacement",
      got: `shift ${shift} and crop padding ${crop.padding}`,
      fix: "Give one of them",
      details: { shift, padding: crop.padding },
    });
  const side = Math.min(shape[1]!, shape[2]!);
  for (const [name, value] of Object.entries({ shift, "crop.padding": crop?.padding }))
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value < side))
      throw outOfRange(name, `an integer 0 … ${side - 1} (below the image's sides)`, value);
  const holds = dtype === "uint8" ? Number.isInteger(fill) && fill >= 0 && fill <= 255 : true;
  if (!holds || !Number.isFinite(fill))
    throw outOfRange("fill", dtype === "uint8" ? "an integer 0 … 255" : "finite", fill);
}

function outOfRange(name: string, rule: string, value: number): ConfigError {
  return new ConfigError("config/range", {
    where: "augmentation",
    rule: `${name} must be ${rule}`,
    got: String(value),
    fix: `Correct ${name}`,
    details: { name, value },
  });
}
