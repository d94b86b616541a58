import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeOnnx } from "../../engine/onnx/index.ts";
import { float32 } from "../../engine/tensor/index.ts";
import { inspectPath } from "./inspect-path.ts";

const scratch = mkdtempSync(join(tmpdir(), "inspect-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

test.each<[string, string | Uint8Array]>([
  ["text", "{not json\n"],
  ["nothing", ""],
  ["other bytes", Uint8Array.of(0x22, 0xe4, 0x22)],
])("a .json file of %s is refused by name", async (_, content) => {
  const path = put("bad.json", content);
  await expect(inspectPath(path)).rejects.toMatchObject({
    code: "file/report",
    message: `${path}: a report must be JSON, got other text. Give the report.json of a run.`,
  });
});

test("a table that needs options is described by its columns and what is wrong", async () => {
  const path = put("pandas.csv", ",x,kind\n0,1,a\n1,2,b\n");
  const [first, columns, problem] = await inspectPath(path);
  expect([first, columns]).toEqual([
    `${path}: table, not usable without options`,
    "columns   ,x,kind",
  ]);
  expect(problem).toContain("ignore: [0]");
});

test("an ONNX model is described by its nodes: what each gives, and the weights it reads", async () => {
  const node = (type: string, inputs: readonly string[], outputs: readonly string[]) => ({
    ...{ type, domain: "", inputs, outputs, attrs: {} },
  });
  const value = (name: string) => ({ name, dtype: "float32" as const, shape: ["batch", 3] });
  const model = writeOnnx({
    opset: 18,
    graph: {
      name: "small",
      nodes: [
        node("MatMul", ["x", "w"], ["hidden"]),
        node("Add", ["hidden", "b"], ["/act/Relu_in"]),
        node("Split", ["/act/Relu_in"], ["first", "rest"]),
        node("Relu", ["/act/Relu_in"], ["y"]),
      ],
      inputs: [value("x")],
      outputs: [value("y")],
      initializers: [
        { name: "w", value: float32([3, 3], new Float32Array(9)) },
        { name: "b", value: float32([3], new Float32Array(3)) },
      ],
    },
    metadata: {},
  });
  const lines = await inspectPath(put("small.onnx", model));
  expect(lines.slice(lines.indexOf("") + 1)).toEqual([
    "tensor        operator  weights",
    "hidden        MatMul    9",
    "/act/Relu_in  Add       3",
    "first         Split     0",
    "rest          Split",
    "y             Relu      0",
  ]);
});
