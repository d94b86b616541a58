import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float16FromFloat32, float32FromFloat16 } from "../../engine/tensor/index.ts";
import type { Dataset } from "../dataset.ts";
import { memoryStore } from "../memory-store.ts";
import {
  openSoftLabels,
  openSoftLabelWriter,
  type SoftLabelHeader,
  type SoftLabelPrecision,
} from "./index.ts";
import { filesOf, rejectionCode, sampleData, writePackage } from "./package.cases.ts";
import { allocatePacked, packRows, unpackRows } from "./packed-logits.ts";

describe.each<[SoftLabelPrecision, number]>([
  ["float32", 0],
  ["float16", 2 ** -11],
  ["int8", Number.NaN],
])("%s", (precision, relative) => {
  test("logits, keys and labels come back, within the precision's error", async () => {
    const data = sampleData({ samples: 10, views: 2, members: 3 });
    const header = { ...data.header, precision };
    const store = memoryStore();
    await writePackage(store, { ...data, header }, { samplesPerShard: 4, batch: 3 });
    const read = await openSoftLabels(store);
    expect(read.length).toBe(10);
    expect(read.manifest.shards.map(({ samples }) => samples)).toEqual([4, 4, 2]);
    const into = new Float32Array(3 * 3);
    for (let row = 0; row < 10; row++) {
      expect(read.keys[row]).toBe(data.dataset.key(row));
      expect(read.lookup(data.dataset.key(row))).toBe(row);
      expect(read.label(row)).toBe(data.dataset.labels[row]);
      for (let view = 0; view < 2; view++) {
        const from = (row * 2 + view) * 9;
        const expected = data.logits.subarray(from, from + 9);
        read.logits(row, view, into);
        for (let i = 0; i < 9; i++) {
          const ofRow = expected.subarray(i - (i % 3), i - (i % 3) + 3);
          const range = Math.max(...ofRow) - Math.min(...ofRow);
          // int8: half of range / 255, which is the scale, plus float32 rounding of scale, offset
          // and value
          const bound =
            precision === "int8" ? range / 510 + 1e-5 : relative * Math.abs(expected[i]!);
          expect(Math.abs(into[i]! - expected[i]!)).toBeLessThanOrEqual(bound);
        }
      }
    }
  });
});

test("float16 rounds to nearest even, nothing else", () => {
  const logits = Float32Array.of(1 / 3, -4.00195, 65504, 1e-7, 2049, 2051);
  const packed = allocatePacked("float16", 2, 3);
  packRows(packed, 0, logits);
  const into = new Float32Array(6);
  unpackRows(packed, 0, into);
  expect([...into]).toEqual([...logits].map((x) => float32FromFloat16(float16FromFloat32(x))));
  expect([...into].slice(4)).toEqual([2048, 2052]);
});

test("int8: value = offset + scale · q is within scale / 2 of any logit", () => {
  const logit = fc.float({ noNaN: true, min: Math.fround(-1e38), max: Math.fround(1e38) });
  const nearby = fc
    .tuple(logit, fc.array(fc.float({ noNaN: true, min: -1, max: 1 }), { minLength: 1 }))
    .map(([center, differences]) => differences.map((difference) => center + difference));
  const row = fc.oneof(fc.array(logit, { minLength: 1, maxLength: 12 }), nearby);
  fc.assert(
    fc.property(row, (values) => {
      const x = Float32Array.from(values);
      const packed = allocatePacked("int8", 1, x.length);
      packRows(packed, 0, x);
      const decoded = new Float32Array(x.length);
      unpackRows(packed, 0, decoded);
      const scale = packed.scale![0]!;
      const offset = packed.offset![0]!;
      const range = Math.max(...x) - Math.min(...x);
      const rounding = Math.max(...x.map(Math.abs)) * 2 ** -24; // of the offset to float32
      expect(scale).toBeLessThanOrEqual((range / 255 + rounding / 127) * (1 + 2 ** -22) + 2e-45);
      for (let k = 0; k < x.length; k++) {
        const exact = offset + scale * packed.values[k]!; // float64
        const slack = Math.abs(x[k]!) * 1e-15; // the sum above is rounded in float64
        expect(Math.abs(exact - x[k]!)).toBeLessThanOrEqual(scale / 2 + slack);
        expect(decoded[k]).toBe(Math.fround(exact));
        expect(Number.isFinite(decoded[k])).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("int8 of equal logits is exact", () => {
  const packed = allocatePacked("int8", 1, 3);
  packRows(packed, 0, Float32Array.of(0.1, 0.1, 0.1));
  const into = new Float32Array(3);
  unpackRows(packed, 0, into);
  expect(into).toEqual(Float32Array.of(0.1, 0.1, 0.1));
});

test("bytes do not depend on how samples were batched, nor on the order of names in the header", async () => {
  const data = sampleData({ samples: 11, views: 2 });
  const one = memoryStore();
  const other = memoryStore();
  await writePackage(one, data, { samplesPerShard: 4, batch: 11 });
  const { views, ...rest } = data.header;
  const augmentation = { flip: false, shift: 2 };
  const header: SoftLabelHeader = { views: { ...views, augmentation }, ...rest };
  await writePackage(other, { ...data, header }, { samplesPerShard: 4, batch: 2 });
  expect(await filesOf(other)).toEqual(await filesOf(one));
  expect(await one.list()).toEqual([
    "manifest.json",
    "shards/00000.safetensors",
    "shards/00001.safetensors",
    "shards/00002.safetensors",
  ]);
});

describe("inputs", () => {
  const gatherAll = async (dataset: Dataset): Promise<Uint8Array> => {
    const all = new Uint8Array(dataset.length * 6);
    await dataset.gather(
      Int32Array.from({ length: dataset.length }, (_, i) => i),
      all,
    );
    return all;
  };

  test("a package with inputs is the data set again", async () => {
    const data = sampleData({ samples: 9 });
    const store = memoryStore();
    await writePackage(store, data, { samplesPerShard: 4, batch: 5, withInputs: true });
    const dataset = (await openSoftLabels(store)).asDataset();
    expect(dataset.hash()).toBe(data.dataset.hash());
    expect(dataset.name).toBe("insects");
    expect(await gatherAll(dataset)).toEqual(data.inputs);
  });

  test("a package without them says what to do", async () => {
    const store = memoryStore();
    await writePackage(store, sampleData({ samples: 3 }), { samplesPerShard: 4, batch: 3 });
    const softLabels = await openSoftLabels(store);
    expect(() => softLabels.asDataset()).toThrow(/--with-inputs/);
  });

  test("inputs of other data than the header says are refused", async () => {
    const data = sampleData({ samples: 3 });
    const store = memoryStore();
    const header = { ...data.header, dataHash: "0".repeat(64) };
    await writePackage(
      store,
      { ...data, header },
      { samplesPerShard: 4, batch: 3, withInputs: true },
    );
    const softLabels = await openSoftLabels(store);
    expect(() => softLabels.asDataset()).toThrow(/data's hash must be 0000/);
  });

  test("samples in another order than their keys are refused", async () => {
    const data = sampleData({ samples: 6 });
    const swapped = Uint8Array.from(data.inputs);
    swapped.copyWithin(0, 6, 12);
    swapped.set(data.inputs.subarray(0, 6), 6);
    const store = memoryStore();
    const header = { ...data.header, withInputs: true };
    const writer = await openSoftLabelWriter(store, header);
    await writer.add({ ...data.batch(0, 6), inputs: swapped });
    await writer.close();
    const softLabels = await openSoftLabels(store);
    expect(() => softLabels.asDataset()).toThrow(/sample 0 must have key/);
  });
});

describe("refused before anything is stored", () => {
  const data = sampleData({ samples: 4 });
  const batch = data.batch(0, 4);
  const changed = (at: number, value: number): Float32Array => {
    const logits = Float32Array.from(batch.logits);
    logits[at] = value;
    return logits;
  };

  test.each([
    ["a logit beyond float16", { logits: changed(7, 70000) }, "package/logit-range"],
    ["a logit just beyond float16", { logits: changed(7, -65505) }, "package/logit-range"],
    ["infinity", { logits: changed(7, Number.NEGATIVE_INFINITY) }, "package/non-finite"],
    ["NaN", { logits: changed(7, Number.NaN) }, "package/non-finite"],
    ["a label outside the classes", { labels: Int32Array.of(0, 1, 3, 0) }, "data/label"],
    ["a label below -1", { labels: Int32Array.of(0, 1, -2, 0) }, "data/label"],
    ["too few labels", { labels: Int32Array.of(0) }, "package/batch"],
    ["too few logits", { logits: new Float32Array(11) }, "package/batch"],
    ["a key that is none", { keys: ["a", "b", "c", "d"] }, "package/batch"],
    ["inputs of a package without", { inputs: new Uint8Array(24) }, "package/batch"],
  ])("%s", async (_, change, code) => {
    const store = memoryStore();
    const writer = await openSoftLabelWriter(store, data.header);
    expect(await rejectionCode(writer.add({ ...batch, ...change }))).toBe(code);
    await writer.add(batch); // the writer is still good
    expect((await writer.close()).sampleCount).toBe(4);
  });

  test("the message for a huge logit names sample, class and remedy", async () => {
    const writer = await openSoftLabelWriter(memoryStore(), data.header);
    const adding = writer.add({ ...batch, logits: changed(7, 70000) });
    await expect(adding).rejects.toThrow(
      `soft labels of sample 2 (key ${data.dataset.key(2)}), class 1: float16 holds logits from -65504 to 65504, got 70000. Label with precision float32.`,
    );
  });

  test("int8 stops before decoding could overflow", async () => {
    const header = { ...data.header, precision: "int8" as const };
    const writer = await openSoftLabelWriter(memoryStore(), header);
    const adding = writer.add({ ...batch, logits: changed(7, 2e38) });
    expect(await rejectionCode(adding)).toBe("package/logit-range");
  });

  test("float32 takes it", async () => {
    const store = memoryStore();
    const header = { ...data.header, precision: "float32" as const };
    const writer = await openSoftLabelWriter(store, header);
    await writer.add({ ...batch, logits: changed(7, 70000) });
    await writer.close();
    const into = new Float32Array(3);
    expect((await openSoftLabels(store)).logits(2, 0, into)[1]).toBe(70000);
  });

  test("more samples than announced, fewer samples than announced", async () => {
    const writer = await openSoftLabelWriter(memoryStore(), data.header);
    await writer.add(data.batch(0, 3));
    expect(await rejectionCode(writer.close())).toBe("package/incomplete");
    expect(await rejectionCode(writer.add(batch))).toBe("package/too-many");
  });

  test.each<[string, Partial<SoftLabelHeader>, RegExp]>([
    ["no members", { members: [] }, /members/],
    ["equal class names", { classNames: ["a", "a", "b"] }, /classNames: must all differ/],
    ["a short data hash", { dataHash: "ab" }, /dataHash: must be 64 hex digits/],
    ["no samples", { sampleCount: 0 }, /sampleCount/],
    ["an unknown field", { ["colour" as "dataName"]: "red" }, /colour/],
  ])("header with %s", async (_, change, message) => {
    const opening = openSoftLabelWriter(memoryStore(), { ...data.header, ...change });
    await expect(opening).rejects.toThrow(message);
  });
});
