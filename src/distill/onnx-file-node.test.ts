import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { type ExternalKeys, withDataBeside } from "../engine/onnx/external-data.cases.ts";
import { readOnnx, writeOnnx } from "../engine/onnx/index.ts";
import { tensor } from "../engine/tensor/index.ts";
import { isDistillError } from "../errors/index.ts";
import { readOnnxFile } from "./onnx-file-node.ts";
import { linearModel } from "./teachers/onnx-model.cases.ts";

const root = mkdtempSync(join(tmpdir(), "potstill-external-"));
const folder = join(root, "models");
const file = join(folder, "model.onnx");
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

const whole = linearModel();
const beside = "model.onnx.data";

/** Writes the model; the data too, unless told. */
function write(location = beside, changed?: (keys: ExternalKeys) => ExternalKeys): Uint8Array {
  const { model, data } = withDataBeside(whole, location, changed);
  writeFileSync(file, model);
  return data;
}

test.each([beside, "weights/part 0.bin"])(
  "data in %s are read into the model",
  async (location) => {
    mkdirSync(join(folder, "weights"));
    writeFileSync(join(folder, location), write(location));
    const read = await readOnnxFile(file);
    expect(readOnnx(read, file)).toEqual(readOnnx(whole, file));
    expect(await readOnnxFile(file)).toEqual(read);
  },
);

test("offset and length may be left out: the whole file", async () => {
  const data = write(beside, ({ location }) => ({ location: location! }));
  writeFileSync(join(folder, beside), data.subarray(16));
  expect(readOnnx(await readOnnxFile(file), file)).toEqual(readOnnx(whole, file));
});

test("a link within the folder is followed; a model in one piece is as it was", async () => {
  writeFileSync(join(folder, "blob"), write());
  symlinkSync("blob", join(folder, beside));
  expect(readOnnx(await readOnnxFile(file), file)).toEqual(readOnnx(whole, file));
  writeFileSync(file, whole);
  expect(await readOnnxFile(file)).toEqual(whole);
});

async function refusal(): Promise<string> {
  const error: unknown = await readOnnxFile(file).catch((thrown: unknown) => thrown);
  if (!isDistillError(error)) throw error;
  return `[${error.code}] ${error.message.replaceAll(root, "ROOT")}`;
}

const upwards = (got: string): string =>
  `[file/external-data] ROOT/models/model.onnx, tensor "W": its data must lie in the model's own folder, got ${got}. Put the file itself beside model.onnx and export the model again with its name, or save the model as one file.`;

test.each(["../secret", "weights/../../secret", "..\\secret", "C:\\secret", join(root, "secret")])(
  "refused: data at %s, which is there",
  async (location) => {
    writeFileSync(join(root, "secret"), write(location));
    expect(await refusal()).toBe(upwards(location.replaceAll(root, "ROOT")));
  },
);

test("refused: a link, and a folder that is a link, out of the folder", async () => {
  writeFileSync(join(root, "secret"), write());
  symlinkSync("../secret", join(folder, beside));
  expect(await refusal()).toBe(upwards(`${beside}, a link to ROOT/secret`));
  write("up/secret");
  symlinkSync("..", join(folder, "up"));
  expect(await refusal()).toBe(upwards("up/secret, a link to ROOT/secret"));
});

test("refused: no such file; a folder", async () => {
  write();
  const place = `ROOT/models/model.onnx, tensor "W": its data lie in ${beside}, in the model's folder, which must be readable`;
  const fix = `Put ${beside} beside model.onnx, or save the model as one file.`;
  expect(await refusal()).toBe(`[file/missing] ${place}, got no such file. ${fix}`);
  mkdirSync(join(folder, beside));
  expect(await refusal()).toBe(`[file/unreadable] ${place}, got no plain file. ${fix}`);
});

test.each([
  [{ offset: "32" }, /its data are bytes 32 … 223 of model\.onnx\.data, got a file of 208 bytes/],
  [{ offset: "4096" }, /are bytes 4096 … 4287 of model\.onnx\.data, got a file of 208 bytes\./],
  [{ offset: "-16" }, /its offset in model\.onnx\.data must be a whole number of bytes, got -16\./],
  [{ offset: "1.5" }, /must be a whole number of bytes, got 1\.5\./],
  [{ length: "188" }, /its shape takes 192 bytes of model\.onnx\.data, got a length of 188\./],
  [{ length: "much" }, /its shape takes 192 bytes of model\.onnx\.data, got a length of much\./],
])("refused: %j", async (wrong, message) => {
  const data = write(beside, (keys) => ({ ...keys, ...wrong }));
  writeFileSync(join(folder, beside), data);
  expect(await refusal()).toMatch(message);
  expect(await refusal()).toMatch(
    /^\[file\/external-data\] ROOT\/models\/model\.onnx, tensor "W":/,
  );
});

test("refused: external data that name no file", async () => {
  write(beside, ({ offset }) => ({ offset: offset! }));
  expect(await refusal()).toMatch(/tensor "W": external data must say in which file, got no loc/);
});

test("refused by name: more than protobuf can hold, before any of it is read", async () => {
  const value = tensor("float32", [1, 1], Float32Array.of(1));
  const shape = [2 ** 15, 2 ** 14];
  const graph = { name: "large", nodes: [], inputs: [], outputs: [] };
  const named = { ...graph, initializers: [{ name: "W", value: { ...value, shape } }] };
  const bytes = writeOnnx({ opset: 18, metadata: {}, graph: named });
  writeFileSync(file, withDataBeside(bytes, beside, (k) => ({ location: k.location! })).model);
  expect(await refusal()).toMatch(
    /^\[file\/too-large\] .*: with its external data a model must fit in protobuf's 2 GB \(2147483647 bytes\), got 21474837\d\d bytes\./,
  );
});

test("bytes in code, without their data, are told where to go", () => {
  const { model } = withDataBeside(whole, beside);
  expect(() => readOnnx(model, file)).toThrowError(/Read the file with readOnnxFile \(Node\)/);
});
