/** @file Weights of a soft-label package's members, chosen on the validation samples in it. */

import {
  alignSoftLabels,
  type CombineMethod,
  type Dataset,
  type SoftLabels,
  teacherLabels,
  UNLABELLED,
} from "../data/index.ts";
import { ConfigError, DataError } from "../errors/index.ts";
import { type EnsembleWeights, validationWeights } from "./teachers/index.ts";

/**
 * The weights that `validationWeights` finds, from stored logits instead of a teacher: those of the
 * validation samples, in all their views, with the data's labels. Without augmentation and at
 * precision float32 they are the ones of the run that wrote the package.
 *
 * Validation samples that the members were trained on say nothing: split the data as they were
 * split for the teacher.
 *
 * @param validation samples that the package has labelled, found by content
 * @param combine default: the package's own
 * @throws DataError "package/no-validation" if the package lacks validation samples,
 *   "package/class-mismatch", "data/empty"; ConfigError "config/conflict" for views with mixup, and
 *   for members of independent (sigmoid) classes
 */
export function packageWeights(
  softLabels: SoftLabels,
  validation: Dataset,
  combine: CombineMethod = softLabels.manifest.combine,
): EnsembleWeights {
  const { members, classCount, views } = softLabels.manifest;
  assertLabelled(softLabels, validation);
  assertOneLabel(softLabels);
  const rows = alignSoftLabels(softLabels, validation);
  const own = validation.labels.map(teacherLabels(softLabels.manifest));
  const known = [...own.keys()].filter((at) => own[at] !== UNLABELLED);
  if (known.length === 0) throw noneKnown(softLabels, validation);
  const width = members.length * classCount;
  const logits = new Float32Array(known.length * views.count * width);
  const labels = new Int32Array(known.length * views.count);
  for (const [sample, at] of known.entries())
    for (let view = 0; view < views.count; view++) {
      const to = sample * views.count + view;
      softLabels.logits(rows[at]!, view, logits.subarray(to * width, (to + 1) * width));
      labels[to] = own[at]!; // an index of the data
    }
  return validationWeights(logits, labels, { members, combine, classCount });
}

function assertLabelled(softLabels: SoftLabels, validation: Dataset): void {
  const missing = Array.from({ length: validation.length }, (_, at) => validation.key(at)).filter(
    (key) => softLabels.lookup(key) === undefined,
  ).length;
  if (missing === 0) return;
  throw new DataError("package/no-validation", {
    where: `teacher.weights for ${validation.name}`,
    rule: "weights are chosen on validation samples, so the package must hold their soft labels",
    got: `${missing} of ${validation.length} validation samples without soft labels`,
    fix: "Label again with potstill label, which labels validation samples too, and keep its split; or give the weights as numbers",
    details: { missing, validation: validation.length },
  });
}

function noneKnown({ manifest: { teacherClasses } }: SoftLabels, { name }: Dataset): DataError {
  return new DataError("data/empty", {
    where: `teacher.weights for ${name}`,
    rule: "weights are chosen on validation samples of classes that the teacher knows",
    got: teacherClasses === undefined ? "none" : `none of ${teacherClasses.join(", ")}`,
    fix: "Give such validation samples, or the weights as numbers",
  });
}

function assertOneLabel({ manifest }: SoftLabels): void {
  const augmentation = Object(manifest.views.augmentation) as { readonly mixup?: unknown };
  if (augmentation.mixup === undefined) return;
  throw new ConfigError("config/conflict", {
    where: "teacher.weights",
    rule: "weights are chosen by the likelihood of one label a sample, and mixed samples have two",
    got: "a package whose views are mixed",
    fix: "Give the weights as numbers, or label again without mixup",
  });
}
