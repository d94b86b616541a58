/** @file Augmented views of samples, as teacher and student both see them. */

import type { SampleDType } from "../engine/tensor/index.ts";
import { allocate, type DataOf, elementCount } from "../engine/tensor/index.ts";
import { type Augmentation, makeAugmenter } from "./augment.ts";
import { keyWord } from "./content-hash.ts";
import type { Dataset } from "./dataset.ts";
import { assertMixable, type Mixer, makeMixer } from "./mixup.ts";

/** How views are made. View v of a sample is a function of (seed, sample content, v). */
export interface ViewSpec {
  /** null: every view is the sample itself */
  readonly augmentation: Augmentation | null;
  readonly seed: number;
  /** content keys that MixUp draws partners from; see `makeMixer` */
  readonly pool?: readonly string[] | undefined;
}

export interface ViewReader {
  /**
   * Writes one view of some samples.
   *
   * @param indices sample numbers, any order; @param into as for `Dataset.gather`
   */
  readonly read: (
    indices: Int32Array,
    view: number,
    into: DataOf[SampleDType],
  ) => void | Promise<void>;
  /**
   * what samples are mixed from; null without MixUp. Where the partner is not in this data set,
   * `read` gives the sample without it: such a view must not be used.
   */
  readonly mixOf: Mixer | null;
}

/**
 * Reads views: first each sample is moved and mirrored, then, with MixUp, mixed with its partner's
 * same view:
 *
 *   mixed = λ · sample + (1 − λ) · partner, in stored values; uint8 rounds to the nearest
 *
 * @throws as makeAugmenter, makeMixer and assertMixable, if the samples cannot be augmented so
 */
export function makeViews(dataset: Dataset, { augmentation, seed, pool }: ViewSpec): ViewReader {
  const { mixup, ...spatial } = augmentation ?? {};
  if (mixup !== undefined) assertMixable(dataset);
  const isMoved = Object.values(spatial).some((option) => option !== undefined);
  const augment = isMoved ? makeAugmenter(dataset, spatial, seed) : null;
  const mixOf = mixup === undefined ? null : makeMixer(dataset, { mixup, seed, pool });
  const { dtype, shape } = dataset;
  const size = elementCount(shape);
  const moved = async (
    indices: Int32Array,
    view: number,
    target: DataOf[SampleDType],
  ): Promise<void> => {
    if (augment === null) return dataset.gather(indices, target);
    const source = allocate(dtype, indices.length * size);
    await dataset.gather(indices, source);
    const samples = Uint32Array.from(indices, (index) => keyWord(dataset.key(index)));
    augment({ view, samples, source, target: target as typeof source }); // of the data set's dtype
  };
  if (mixOf === null)
    return {
      mixOf,
      read: augment === null ? (indices, _, into) => dataset.gather(indices, into) : moved,
    };
  const read: ViewReader["read"] = async (indices, view, into) => {
    await moved(indices, view, into);
    const mixes = Array.from(indices, (index) => mixOf(index, view));
    const partners = Int32Array.from(mixes, ({ partner }, row) =>
      partner < 0 ? indices[row]! : partner,
    );
    const other = allocate(dtype, indices.length * size);
    await moved(partners, view, other);
    for (const [row, { lambda }] of mixes.entries())
      mixInto(into, other, lambda, row * size, (row + 1) * size);
  };
  return { mixOf, read };
}

function mixInto(
  into: DataOf[SampleDType],
  other: DataOf[SampleDType],
  lambda: number,
  from: number,
  end: number,
): void {
  const isInteger = !(into instanceof Float32Array);
  for (let at = from; at < end; at++) {
    const mixed = lambda * into[at]! + (1 - lambda) * other[at]!;
    into[at] = isInteger ? Math.round(mixed) : mixed;
  }
}
