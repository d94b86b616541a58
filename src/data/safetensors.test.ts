import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytesOf,
  type DType,
  dtypes,
  float32,
  type Tensor,
  tensor,
  zeros,
} from "../engine/tensor/index.ts";
import { isDistillError } from "../errors/index.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const folder = new URL("../../test/golden/safetensors/", import.meta.url);
const golden = (name: string): Uint8Array => readFileSync(new URL(name, folder));
const described = JSON.parse(readFileSync(new URL("numpy.json", folder), "utf8")) as {
  tensors: Record<string, { dtype: DType; shape: number[]; hex: string }>;
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("files of the Python library", () => {
  const read = readSafetensors(golden("numpy.safetensors"), "numpy.safetensors");

  test("are read: names, dtypes, shapes, bytes", () => {
    const found = [...read.tensors].map(([name, { dtype, shape, data }]) => [
      name,
      { dtype, shape, hex: hex(bytesOf(data)) },
    ]);
    expect(Object.fromEntries(found)).toEqual(described.tensors);
    expect(Object.keys(described.tensors)).toHaveLength(14);
    expect(read.tensors.get("x.int64")!.data).toEqual(
      BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 1n),
    );
  });

  test("are written with the same bytes, whatever the order of the tensors", () => {
    const expected = hex(golden("numpy.safetensors"));
    expect(hex(writeSafetensors(read.tensors))).toBe(expected);
    expect(hex(writeSafetensors(Object.fromEntries([...read.tensors].reverse())))).toBe(expected);
  });

  test("metadata is read and written", () => {
    const file = golden("numpy-metadata.safetensors");
    const { tensors, metadata } = readSafetensors(file, "numpy-metadata.safetensors");
    expect(metadata).toEqual({ "made by": "numpy" });
    expect(hex(writeSafetensors(tensors, metadata))).toBe(hex(file));
  });
});

test("any tensors come back, also from an unaligned place in memory", () => {
  const anyTensor = fc
    .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 3 }), fc.nat(255))
    .map(([dtype, shape, fill]): Tensor => {
      const made = zeros(dtype, shape);
      bytesOf(made.data).fill(fill);
      return made;
    });
  const name = fc.string().filter((text) => text !== "__proto__" && text !== "__metadata__");
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, anyTensor), { selector: ([n]) => n }), (entries) => {
      const file = writeSafetensors(new Map(entries));
      const shifted = new Uint8Array(file.length + 3);
      shifted.set(file, 3);
      const { tensors } = readSafetensors(shifted.subarray(3), "memory");
      expect(tensors.size).toBe(entries.length);
      for (const [key, { dtype, shape, data }] of entries) {
        const found = tensors.get(key)!;
        expect([found.dtype, found.shape]).toEqual([dtype, shape]);
        expect(hex(bytesOf(found.data))).toBe(hex(bytesOf(data)));
      }
    }),
  );
});

test("each tensor starts at a multiple of its element's size", () => {
  const file = writeSafetensors({
    a: tensor("uint8", [3], Uint8Array.of(1, 2, 3)),
    b: zeros("float64", [2]),
    c: zeros("float16", [3]),
    d: zeros("float32", [1]),
  });
  for (const { data } of readSafetensors(file, "memory").tensors.values())
    expect(data.byteOffset % data.BYTES_PER_ELEMENT).toBe(0);
});

/** A file from a header's text and a body's length. */
function file(header: string, bodyBytes: number): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + bodyBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

const u8 = (begin: number, end: number, shape = [end - begin]): string =>
  JSON.stringify({ dtype: "U8", shape, data_offsets: [begin, end] });

test.each([
  ["an overlap", `{"a":${u8(0, 4)},"b":${u8(3, 6)}}`, 6, "file/format", /overlap/],
  ["a hole", `{"a":${u8(0, 4)},"b":${u8(5, 6)}}`, 6, "file/format", /a hole/],
  ["bytes of no tensor", `{"a":${u8(0, 4)}}`, 5, "file/format", /fill the 5 bytes/],
  ["a missing end", `{"a":${u8(0, 4)}}`, 3, "file/truncated", /at least 4 bytes, got 3/],
  ["a size that is not the shape's", `{"a":${u8(0, 4, [5])}}`, 4, "file/format", /needs 5 bytes/],
  ["offsets backwards", `{"a":${u8(4, 0, [4])}}`, 4, "file/format", /needs 4 bytes, got -4/],
  [
    "a fraction in the shape",
    `{"a":${u8(0, 4, [1.5])}}`,
    4,
    "file/format",
    /non-negative integers/,
  ],
  ["__proto__", `{"__proto__":${u8(0, 4)}}`, 4, "file/format", /__proto__/],
  ["__proto__ in metadata", `{"__metadata__":{"__proto__":"x"}}`, 0, "file/format", /__proto__/],
  ["metadata that is no string", `{"__metadata__":{"a":1}}`, 0, "file/format", /strings/],
  [
    "an unknown dtype",
    `{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}`,
    1,
    "file/format",
    /got F8_E4M3/,
  ],
  ["surplus fields", `{"a":${u8(0, 1).slice(0, -1)},"b":1}}`, 1, "file/format", /only dtype/],
  ["no JSON", "{", 0, "file/format", /must be JSON/],
  ["a JSON array", "[]", 0, "file/format", /JSON object/],
])("refuses %s", (_, header, bodyBytes, code, message) => {
  expect(() => readSafetensors(file(header, bodyBytes), "x.safetensors")).toThrow(message);
  expect(codeOf(() => readSafetensors(file(header, bodyBytes), "x.safetensors"))).toBe(code);
});

test("refuses a file cut at any place", () => {
  const whole = writeSafetensors({ a: float32([3], [1, 2, 3]) });
  for (let length = 0; length < whole.length; length++)
    expect(codeOf(() => readSafetensors(whole.subarray(0, length), "cut"))).toBe("file/truncated");
});

test("refuses a header length beyond the limit before reading it", () => {
  const bytes = file("{}", 0);
  bytes[6] = 1;
  expect(codeOf(() => readSafetensors(bytes, "long"))).toBe("file/format");
});

test("does not write reserved names", () => {
  const tensors = new Map([["__proto__", float32([], [1])]]);
  expect(codeOf(() => writeSafetensors(tensors))).toBe("file/tensor-name");
});

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isDistillError(error) ? error.code : String(error);
  }
  return "nothing thrown";
}
