import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { viewBytes } from "./index.ts";

const values = Float32Array.of(1, -2.5, 3e-38);
const bytes = new Uint8Array(values.buffer);

test.each([
  ["aligned bytes", bytes],
  ["unaligned bytes", Uint8Array.of(0, ...bytes).subarray(1)],
  ["an unaligned Buffer, whose slice() does not copy", Buffer.from([0, ...bytes]).subarray(1)],
])("viewBytes reads %s", (_, given) => {
  expect(viewBytes("float32", given, 3)).toEqual(values);
});

test("aligned bytes are viewed, unaligned ones copied", () => {
  expect(viewBytes("float32", bytes, 3).buffer).toBe(values.buffer);
  const unaligned = Uint8Array.of(0, ...bytes).subarray(1);
  const read = viewBytes("float32", unaligned, 3);
  unaligned.fill(0);
  expect(read).toEqual(values);
});
