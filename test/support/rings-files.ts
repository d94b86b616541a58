/**
 * @file A small table and an ONNX teacher for it, as a user would bring them: two features, three
 * rings, every fifth label drawn at random; the teacher is a kernel regression on clean points.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OnnxNode, writeOnnx } from "../../src/engine/onnx/index.ts";
import { randomStream, type Tensor, tensor } from "../../src/engine/tensor/index.ts";

const classNames = ["inner", "middle", "outer"] as const;
const rowCount = 600;
const prototypeCount = 1000;
const wrongShare = 0.2;
const sharpness = 20;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly ring: number;
}

/** Writes data.csv and teacher.onnx, always the same bytes. */
export async function writeRingsFiles(folder: string): Promise<void> {
  await writeFile(join(folder, "data.csv"), table());
  await writeFile(join(folder, "teacher.onnx"), teacher());
}

function points(name: string, count: number): Point[] {
  const stream = randomStream("rings", name);
  return Array.from({ length: count }, () => {
    const [x, y] = [stream.uniform() * 2 - 1, stream.uniform() * 2 - 1];
    const squared = x * x + y * y;
    return { x, y, ring: squared < 0.3 ? 0 : squared < 0.7 ? 1 : 2 };
  });
}

function table(): string {
  const stream = randomStream("rings", "labels");
  const rows = points("table", rowCount).map(({ x, y, ring }) => {
    const drawn = Math.floor(stream.uniform() * classNames.length);
    const label = stream.uniform() < wrongShare ? drawn : ring;
    return `${x.toFixed(4)},${y.toFixed(4)},${classNames[label]}`;
  });
  return `x,y,class\n${rows.join("\n")}\n`;
}

/** logit of ring k at v: log(1e-6 + Σ over prototypes p of ring k of exp(2 s v·p − s |p|²)) */
function teacher(): Uint8Array {
  const prototypes = points("teacher", prototypeCount);
  const floats = (shape: readonly number[], values: readonly number[]): Tensor =>
    tensor("float32", shape, Float32Array.from(values));
  const node = (type: string, inputs: readonly string[], output: string): OnnxNode => ({
    type,
    domain: "",
    inputs,
    outputs: [output],
    attrs: {},
  });
  const columns = [prototypes.map(({ x }) => x), prototypes.map(({ y }) => y)];
  return writeOnnx({
    opset: 18,
    metadata: {},
    graph: {
      name: "rings",
      inputs: [{ name: "point", dtype: "float32", shape: ["N", 2] }],
      outputs: [{ name: "logits", dtype: "float32", shape: ["N", classNames.length] }],
      initializers: [
        {
          name: "directions",
          value: floats(
            [2, prototypeCount],
            columns.flat().map((v) => 2 * sharpness * v),
          ),
        },
        {
          name: "norms",
          value: floats(
            [prototypeCount],
            prototypes.map(({ x, y }) => -sharpness * (x * x + y * y)),
          ),
        },
        {
          name: "rings",
          value: floats(
            [prototypeCount, classNames.length],
            prototypes.flatMap(({ ring }) => classNames.map((_, k) => (k === ring ? 1 : 0))),
          ),
        },
        { name: "floor", value: floats([], [1e-6]) },
      ],
      nodes: [
        node("MatMul", ["point", "directions"], "products"),
        node("Add", ["products", "norms"], "exponents"),
        node("Exp", ["exponents"], "weights"),
        node("MatMul", ["weights", "rings"], "masses"),
        node("Add", ["masses", "floor"], "floored"),
        node("Log", ["floored"], "logits"),
      ],
    },
  });
}
