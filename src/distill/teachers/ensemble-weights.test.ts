/** @file Weights chosen on validation where members are very sure, so that steps overshoot. */

import { expect, test } from "vitest";
import { randomStream } from "../../engine/tensor/index.ts";
import { validationWeights } from "./ensemble-weights.ts";

interface Drawn {
  readonly logits: Float32Array;
  readonly labels: Int32Array;
}

interface Size {
  readonly samples: number;
  readonly members: number;
  readonly classes: number;
}

const many: Size = { samples: 30, members: 3, classes: 3 };
const few: Size = { samples: 40, members: 2, classes: 2 };

/** Members that are right more often than not, with logits of about `scale`. */
function drawn({ samples, members, classes }: Size, scale: number, seed: number): Drawn {
  const stream = randomStream(seed, "sure members");
  const labels = Int32Array.from({ length: samples }, () => stream.integer(classes));
  const logits = Float32Array.from({ length: samples * members * classes }, (_, at) => {
    const label = labels[Math.floor(at / (members * classes))];
    const member = Math.floor(at / classes) % members;
    return scale * ((at % classes === label ? 1 : 0) + ((1 + member) / 2) * stream.normal());
  });
  return { logits, labels };
}

/** −1/N Σ_n log softmax(Σ_m w_m z_nm) at label n */
function pooledNll({ logits, labels }: Drawn, weights: readonly number[]): number {
  const classes = logits.length / labels.length / weights.length;
  let sum = 0;
  for (const [n, label] of labels.entries()) {
    const z = Array.from({ length: classes }, (_, k) =>
      weights.reduce((all, w, m) => all + w * logits[(n * weights.length + m) * classes + k]!, 0),
    );
    const top = Math.max(...z);
    sum += top + Math.log(z.reduce((all, each) => all + Math.exp(each - top), 0)) - z[label]!;
  }
  return sum / labels.length;
}

function bestOnGrid(rows: Drawn, { members }: Size, steps: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= steps; i++)
    for (let j = members === 2 ? steps - i : 0; j <= steps - i; j++) {
      const weights = [i, j, steps - i - j].slice(0, members).map((each) => each / steps);
      best = Math.min(best, pooledNll(rows, weights));
    }
  return best;
}

const chosen = ({ logits, labels }: Drawn, { members, classes }: Size) =>
  validationWeights(logits, labels, {
    members: Array.from({ length: members }, () => ({ kind: "logits" as const })),
    combine: "geometric",
    classCount: classes,
  });

test("samples without a label are refused", () => {
  const rows = drawn(few, 1, 1);
  rows.labels[7] = -1;
  expect(() => chosen(rows, few)).toThrow(
    "teacher.weights: weights are chosen on labelled validation samples, got no label at sample 7.",
  );
});

test.each([
  [100, many, [3]],
  [300, many, [3, 9, 11, 13]],
  [1000, many, [3, 9, 12, 14]],
  [1e4, few, [3, 8, 14, 19]],
] as const)("with logits of %d no member's weight is lost", (scale, size, seeds) => {
  for (const seed of seeds) {
    const rows = drawn(size, scale, seed);
    const { weights, nll, gap } = chosen(rows, size);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(nll).toBeCloseTo(pooledNll(rows, weights), 6); // float64 sums of logits of 1e4
    expect(nll).toBeLessThan(bestOnGrid(rows, size, 60) + 1e-6);
    expect(gap).toBeLessThan(1e-5 * Math.max(1, nll));
  }
});

test("a member that only harms has the weight 0", () => {
  const rows = drawn(many, 1, 1);
  const logits = rows.logits.map((z, at) => (Math.floor(at / 3) % 3 === 2 ? -50 * z : z));
  expect(chosen({ ...rows, logits }, many).weights[2]).toBe(0);
});
