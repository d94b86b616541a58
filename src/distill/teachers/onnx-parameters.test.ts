import { expect, test } from "vitest";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { tensor } from "../../engine/tensor/index.ts";
import { linearModel, node } from "./onnx-model.cases.ts";
import { onnxTeacher } from "./onnx-teacher.ts";
import { insectData } from "./teacher.cases.ts";

/** @returns what the teacher in a file says of its size */
async function parameters(model: Uint8Array): Promise<number | null> {
  const runtime = await nodeRuntime({ worker: false });
  const dataset = insectData(40);
  const teacher = await onnxTeacher(runtime, { model, file: "linear.onnx", dataset });
  await runtime.close();
  return teacher.parameters;
}

test("parameters are counted wherever a file keeps them, and unknown where they are integers", async () => {
  expect(await parameters(linearModel())).toBe(16 * 3);
  const inside = [
    node("Constant", [], "b", { value: tensor("float32", [3], new Float32Array(3)) }),
    node("Add", ["z", "b"], "y"),
  ];
  const constant = linearModel({ tail: inside, outputs: ["y"] });
  expect(await parameters(constant)).toBe(16 * 3 + 3);
  const scale = { name: "scale", value: tensor("float32", [], Float32Array.of(0.5)) };
  const zero = { name: "zero", value: tensor("int8", [], new Int8Array(1)) };
  const grid = [
    node("QuantizeLinear", ["z", "scale", "zero"], "q"),
    node("DequantizeLinear", ["q", "scale", "zero"], "y"),
  ];
  const integers = linearModel({ tail: grid, outputs: ["y"], moreConstants: [scale, zero] });
  expect(await parameters(integers)).toBeNull();
});
