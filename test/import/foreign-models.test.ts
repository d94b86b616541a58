import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileGraph } from "../../src/engine/compile/index.ts";
import { importOnnx } from "../../src/engine/import/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { elementCount, float32 } from "../../src/engine/tensor/index.ts";
import { assertClose } from "../support/close.ts";

const folder = new URL("../golden/import/", import.meta.url);
interface Golden {
  readonly by: string;
  readonly shape: readonly number[];
  readonly samples: readonly number[];
  readonly outputs: readonly number[];
}
const { models } = JSON.parse(readFileSync(new URL("models.json", folder), "utf8")) as {
  readonly models: Readonly<Record<string, Golden>>;
}; // written by scripts/golden/onnx_models.py
const read = (name: string): Uint8Array => readFileSync(new URL(`${name}.onnx`, folder));

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

describe("models of other exporters compute what their makers say", () => {
  test.each(Object.entries(models))("%s", async (name, { shape, samples, outputs }) => {
    const graph = importOnnx(read(name), name);
    expect(graph.inputs.map((value) => value.shape)).toEqual([[1, ...shape]]);
    const session = await runtime.load(compileGraph(graph));
    const size = elementCount(shape);
    const got: number[] = [];
    for (let at = 0; at < samples.length / size; at++) {
      const x = float32([1, ...shape], samples.slice(at * size, (at + 1) * size));
      const result = await session.run({ x });
      got.push(...(result.outputs.y!.data as Float32Array)); // every model ends in float32
    }
    // float32 sums in another order; outputs are of size 1
    assertClose(name, float32([got.length], got), float32([got.length], outputs), {
      rtol: 1e-5,
      atol: 2e-6,
    });
  });
});
