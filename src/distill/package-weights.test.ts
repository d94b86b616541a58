/** @file Weights chosen from a package: those of the live teacher, or a sentence why not. */

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Dataset,
  memoryStore,
  openSoftLabels,
  type SoftLabels,
  subset,
} from "../data/index.ts";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type LabelOptions, labelAll } from "./label.ts";
import { memberLogits } from "./member-logits.ts";
import { packageWeights } from "./package-weights.ts";
import { data, failure, randomTeacher, stripes } from "./small-problem.cases.ts";
import { ensembleTeacher, type Teacher, validationWeights } from "./teachers/index.ts";

let runtime: Runtime;
let teacher: Teacher;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
  const members = [1, 2, 3].map((seed) => randomTeacher(runtime, seed));
  teacher = ensembleTeacher(await Promise.all(members));
});
afterAll(() => runtime.close());

async function labelled(dataset: Dataset, more: Partial<LabelOptions> = {}): Promise<SoftLabels> {
  const store = memoryStore();
  await labelAll({ teacher, dataset, store, precision: "float32", ...more });
  return openSoftLabels(store);
}

test.each(["arithmetic", "geometric", "logits"] as const)(
  "%s: the weights that the teacher itself would have been given",
  async (combine) => {
    const { validation } = data;
    const found = packageWeights(await labelled(validation), validation, combine);
    const logits = await memberLogits(teacher, validation);
    const live = validationWeights(logits, validation.labels, { ...teacher, combine });
    expect(live.nll).toBeLessThan(live.nllOfEqual - 1e-3); // there is something to choose
    expect(found.nll).toBeCloseTo(live.nll, 5);
    for (const [m, weight] of live.weights.entries())
      expect(found.weights[m]).toBeCloseTo(weight, 3);
  },
);

test("the package's own combination by default; any order; samples without label are left out", async () => {
  const softLabels = await labelled(data.validation);
  const some = stripes("validation", 40, 4); // every fourth label is hidden
  const backwards = Int32Array.from({ length: 40 }, (_, at) => 39 - at);
  const found = packageWeights(softLabels, subset(some, backwards, "backwards"));
  const shown = backwards.filter((at) => some.labels[at] !== -1);
  const same = packageWeights(softLabels, subset(data.validation, shown, "shown"), "arithmetic");
  expect(found.weights).toEqual(same.weights);
  expect(found.weights).not.toEqual(packageWeights(softLabels, data.validation).weights);
});

test("all views are looked at", async () => {
  const views = { count: 3, seed: 1, augmentation: { shift: 1 } };
  const { validation } = data;
  const softLabels = await labelled(validation, { views });
  const first: SoftLabels = {
    ...softLabels,
    manifest: { ...softLabels.manifest, views: { ...softLabels.manifest.views, count: 1 } },
  };
  const three = packageWeights(softLabels, validation);
  expect(three.nll).not.toBeCloseTo(packageWeights(first, validation).nll, 5);
});

test("a package of training samples alone is refused, with what to do", async () => {
  const softLabels = await labelled(data.train);
  const { code, message } = await failure(
    (async () => packageWeights(softLabels, data.validation))(),
  );
  expect(code).toBe("package/no-validation");
  expect(message).toMatchInlineSnapshot(
    `"teacher.weights for validation: weights are chosen on validation samples, so the package must hold their soft labels, got 40 of 40 validation samples without soft labels. Label again with potstill label, which labels validation samples too, and keep its split; or give the weights as numbers."`,
  );
});

test("mixed views are refused", async () => {
  const views = { count: 2, seed: 1, augmentation: { mixup: { alpha: 1 } } };
  const softLabels = await labelled(data.validation, { views });
  expect(() => packageWeights(softLabels, data.validation)).toThrow("one label a sample");
});
