import { expect, test } from "vitest";
import { exportOptions } from "./export-options.ts";

test.each<[Record<string, string | boolean>, string]>([
  [
    { calibration: "digits" },
    "--calibration: needs --format onnx-fp16, c, tflite or onnx-int8, got onnx",
  ],
  [{ method: "mse" }, "--method: needs --format c, tflite or onnx-int8, got onnx"],
  [{ perChannelDense: true }, "--per-channel-dense: needs --format c, tflite or onnx-int8, got"],
  [{ name: "digit" }, "--name: needs --format c, tflite or onnx-int8, got onnx"],
  [{ arduino: true }, "--arduino: needs --format c, got onnx"],
  [{ format: "tflite", arduino: true }, "--arduino: needs --format c, got tflite"],
  [{ format: "onnx-int8", board: "blue-pill" }, "--board: needs --format c, got onnx-int8"],
  [{ format: "c", offerEpochs: "3" }, "--offer-epochs: needs --board NAME, got none"],
  [{ format: "c", reserveFlash: "8K" }, "--reserve-flash: needs --board NAME, got none"],
  [{ reserveRam: "8K" }, "--reserve-ram: needs --board NAME, got none"],
])("%j means nothing there", (options, sentence) => {
  expect(() => exportOptions(options)).toThrow(
    expect.objectContaining({
      code: "config/usage",
      message: expect.stringContaining(`potstill export ${sentence}`),
    }),
  );
});

test("values that there are not, whatever the format", () => {
  for (const format of ["onnx", "c"])
    expect(() => exportOptions({ format, method: "mes" })).toThrow(
      'unknown method "mes". Did you mean "mse"? Valid: minMax, percentile, mse.',
    );
  expect(() => exportOptions({ format: "onxn" })).toThrow('Did you mean "onnx"?');
  const board = { format: "c", board: "blue-pill" };
  expect(() => exportOptions({ ...board, offerEpochs: "few" })).toThrow("0 or more, got few");
});

test("options with a format that they are for", () => {
  expect(exportOptions({})).toMatchObject({ format: "onnx", method: "minMax", name: "student" });
  const said = { calibration: "digits", method: "mse", name: "digit", perChannelDense: true };
  for (const format of ["c", "tflite", "onnx-int8"])
    expect(exportOptions({ format, ...said })).toMatchObject({
      ...{ format, method: "mse", name: "digit", perChannelDense: true, arduino: false },
      board: undefined,
    });
  const board = { board: "blue-pill", reserveRam: "8K", offerEpochs: "0", arduino: true };
  expect(exportOptions({ format: "c", ...board })).toMatchObject({
    ...{ arduino: true, offerEpochs: 0 },
    board: { reserve: { flashBytes: 0, ramBytes: 8192 } },
  });
});

test("a name is one in C where C is written, before any work is done", () => {
  expect(() => exportOptions({ format: "c", name: "my-model" })).toThrow(
    "potstill export --name: name must be a C identifier of lower-case letters, digits and _",
  );
  expect(exportOptions({ format: "tflite", name: "my-model" }).name).toBe("my-model");
});
