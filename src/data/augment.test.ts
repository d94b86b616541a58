import fc from "fast-check";
import { expect, test } from "vitest";
import { type Augmentation, augmentInto, makeAugmenter } from "./augment.ts";

const shape = [2, 4, 5] as const;
const image = { shape, dtype: "uint8" } as const;
const size = 40;
/** all pixels differ and none is the fill value */
const source = Uint8Array.from({ length: size }, (_, at) => at + 1);

/** The image moved by (dy, dx), after mirroring if asked: straight from the definition. */
function moved(dy: number, dx: number, flipped: boolean, fill: number): number[] {
  const [channels, height, width] = shape;
  const out: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [fromY, column] = [y - dy, x - dx];
        const inside = fromY >= 0 && fromY < height && column >= 0 && column < width;
        const fromX = flipped ? width - 1 - column : column;
        out.push(inside ? source[(c * height + fromY) * width + fromX]! : fill);
      }
  return out;
}

function outcomes(reach: number, flips: readonly boolean[], fill: number): Map<string, string> {
  const found = new Map<string, string>();
  for (const flipped of flips)
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++)
        found.set(moved(dy, dx, flipped, fill).join(), `${dy} ${dx} ${flipped}`);
  return found;
}

function histogram(spec: Augmentation, draws: number, possible: Map<string, string>) {
  const counts = new Map<string, number>();
  const apply = makeAugmenter(image, spec, 1);
  const target = new Uint8Array(size);
  for (let sample = 0; sample < draws; sample++) {
    apply({ view: 0, samples: Uint32Array.of(sample * 2654435761), source, target });
    const name = possible.get(target.join());
    expect(name).toBeDefined();
    counts.set(name!, (counts.get(name!) ?? 0) + 1);
  }
  return [...counts.values()];
}

test.each<[string, Augmentation, number, readonly boolean[], number]>([
  ["shift", { shift: 1 }, 9, [false], 1],
  ["shift 2 with fill", { shift: 2, fill: 255 }, 25, [false], 2],
  ["flip", { flip: true }, 2, [false, true], 0],
  ["crop", { crop: { padding: 1 } }, 9, [false], 1],
  ["shift and flip", { shift: 1, flip: true }, 18, [false, true], 1],
])("%s: every outcome occurs about equally often, and nothing else", (_, spec, n, flips, reach) => {
  const draws = 400 * n;
  const counts = histogram(spec, draws, outcomes(reach, flips, spec.fill ?? 0));
  expect(counts.length).toBe(n);
  // 400 expected each, standard deviation below 20: five of them
  for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(100);
});

test("a function of (seed, view, sample): not of position, batch or dtype", () => {
  const spec = { shift: 3, flip: true };
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat({ max: 100 }),
      fc.array(word, { minLength: 1, maxLength: 9 }),
      (seed, view, words) => {
        const repeated = Uint8Array.from(
          { length: words.length * size },
          (_, at) => source[at % size]!,
        );
        const batch = new Uint8Array(repeated.length);
        const apply = makeAugmenter(image, spec, seed);
        apply({ view, samples: Uint32Array.from(words), source: repeated, target: batch });
        words.forEach((sample, row) => {
          const one = new Uint8Array(size);
          augmentInto(image, spec, { seed, view, sample }, source, one);
          expect(batch.subarray(row * size, (row + 1) * size)).toEqual(one);
          const float = new Float32Array(size);
          const floatImage = { shape, dtype: "float32" } as const;
          augmentInto(floatImage, spec, { seed, view, sample }, Float32Array.from(source), float);
          expect(Array.from(float)).toEqual(Array.from(one));
        });
      },
    ),
    { seed: 1, numRuns: 50 },
  );
});

test("views, seeds and samples draw differently", () => {
  const draw = (seed: number, view: number, sample: number): string => {
    const target = new Uint8Array(size);
    augmentInto(image, { shift: 3, flip: true }, { seed, view, sample }, source, target);
    return target.join();
  };
  const many = (f: (n: number) => string): number =>
    new Set(Array.from({ length: 200 }, (_, n) => f(n))).size;
  // 98 outcomes: 200 draws miss each with probability 0.13, so about 85 are seen
  expect(many((n) => draw(n, 0, 0))).toBeGreaterThan(65);
  expect(many((n) => draw(0, n, 0))).toBeGreaterThan(65);
  expect(many((n) => draw(0, 0, n))).toBeGreaterThan(65);
});

test("no displacement copies the image", () => {
  const target = new Uint8Array(size).fill(9);
  augmentInto(image, {}, { seed: 1, view: 2, sample: 3 }, source, target);
  expect(target).toEqual(source);
});

test.each<[readonly number[], Augmentation, string, string]>([
  [
    [16],
    { shift: 1 },
    "data/not-image",
    "augmentation: shift, flip and crop need images of shape [channels, height, width], got samples of shape [16]. Leave augmentation out, or give the samples an image shape.",
  ],
  [
    [1, 4, 9],
    { shift: 4 },
    "config/range",
    "augmentation: shift must be an integer 0 … 3 (below the image's sides), got 4. Correct shift.",
  ],
  [
    [1, 4, 9],
    { crop: { padding: 1.5 } },
    "config/range",
    "augmentation: crop.padding must be an integer 0 … 3 (below the image's sides), got 1.5. Correct crop.padding.",
  ],
  [
    [1, 4, 9],
    { shift: 1, fill: 256 },
    "config/range",
    "augmentation: fill must be an integer 0 … 255, got 256. Correct fill.",
  ],
  [
    [1, 4, 9],
    { shift: 1, crop: { padding: 1 } },
    "config/conflict",
    "augmentation: shift and crop are the same displacement, got shift 1 and crop padding 1. Give one of them.",
  ],
])("refused: %o %o", (wrongShape, spec, code, message) => {
  const wrong = { shape: wrongShape, dtype: "uint8" } as const;
  expect(() => makeAugmenter(wrong, spec, 1)).toThrowError(
    expect.objectContaining({ code, message }),
  );
});
