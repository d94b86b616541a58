import { expect, test } from "vitest";
import { exportOnnx } from "../../src/device/export/index.ts";
import { lowerings } from "../../src/device/quantize/lowering/table.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { definitionOf, type OpName, ops } from "../../src/engine/ops/index.ts";
import type { DType } from "../../src/engine/tensor/index.ts";
import { webgpuForms } from "../../src/engine/train/limited-kernels.ts";
import { isDistillError } from "../../src/errors/index.ts";
import { int8Sample, int8Targets, refusalOf } from "../support/int8-samples.ts";
import { loadOpCases } from "../support/op-case-files.ts";
import type { OpCases, OpSample } from "../support/op-cases.ts";
import { graphOf, runsInBrowser, sampleGraph } from "../support/op-sample.ts";
import { recordedWebGpuAnswers, runtimeSamples } from "../support/webgpu-samples.ts";

const allCases = new Map((await loadOpCases()).map((cases) => [cases.op, cases]));

const onWebGpu = recordedWebGpuAnswers();

function gradient(op: string): string {
  const { vjp } = definitionOf(op);
  return typeof vjp === "function" ? "yes" : `no: ${vjp.noGradient}`;
}

/** What test/browser/webgpu found, by dtypes where all samples of one fail, else by their names. */
function webGpu(op: string): string {
  const answer = onWebGpu[op];
  if (answer === undefined) return "not tried";
  if (answer === null) return "no";
  const form = webgpuForms[op];
  const base = form === undefined ? "yes" : `as "${form}"`;
  const { refused, wrong } = answer;
  const cases = allCases.get(op)!; // every operator has cases: test/ops checks it
  const labels = refused.map((name) => {
    const [, prefix = "", own] = /^(gradient of )?(.*)$/.exec(name)!; // any text
    const alike = prefix === "" ? refused : refused.map((each) => each.replace(prefix, ""));
    return prefix + (dtypeOfAll(cases, own!, alike) ?? `"${own}"`);
  });
  const left = [...new Set(labels), ...wrong.map((name) => `"${name}" (wrong numbers)`)];
  return left.length === 0 ? base : `${base}, not: ${left.join(", ")}`;
}

/** The wide dtype that a sample has, if every sample that has it is among those refused. */
function dtypeOfAll(cases: OpCases, name: string, refused: readonly string[]): DType | undefined {
  const samples = runtimeSamples(cases);
  const has = (sample: OpSample, dtype: DType): boolean => {
    const { placeholders, output } = sampleGraph(cases, sample);
    return [...placeholders, output].some((value) => value.dtype === dtype);
  };
  return (["int64", "float64"] as const).find((dtype) => {
    const own = samples.filter((sample) => has(sample, dtype)).map((sample) => sample.name);
    return own.includes(name) && own.every((each) => refused.includes(each));
  });
}

/** What test/ops runs: all samples but those that say why not. */
function cpu(op: string): string {
  const { samples } = allCases.get(op)!; // every operator has cases: test/ops checks it
  const left = samples.filter(({ noRuntime }) => noRuntime !== undefined);
  return left.length < samples.length ? "yes" : `no: ${left[0]!.noRuntime}`;
}

/** What test/browser runs of that. */
function browser(op: string): string {
  const cases = allCases.get(op)!;
  const onCpu = cases.samples.filter(({ noRuntime }) => noRuntime === undefined);
  const run = onCpu.filter((sample) => runsInBrowser(cases, sample));
  if (run.length === 0) return "not tried";
  return run.length === onCpu.length ? "yes" : "yes, float64 not tried";
}

/** Writes the samples as exported models until one is taken that has ONNX's own operators only. */
function onnx(op: string): string {
  const cases = allCases.get(op)!;
  let refusal = "";
  for (const sample of cases.samples) {
    const graph = sampleGraph(cases, sample);
    try {
      const { bytes } = exportOnnx(graphOf(graph, [graph.output]), { weightElements: 0 });
      const { nodes } = readOnnx(bytes, op).graph;
      const foreign = nodes.find(({ domain }) => domain !== "");
      if (foreign === undefined) return "yes";
      refusal = `it takes ${foreign.domain}'s ${foreign.type}`;
    } catch (error) {
      if (!isDistillError(error)) throw error;
      refusal = error.message;
    }
  }
  return `no: ${refusal}`;
}

/** int8 at all, then each target's answer to a network that has the operator */
function int8(op: OpName): readonly string[] {
  const lowering = lowerings[op];
  const targets = Object.keys(int8Targets) as (keyof typeof int8Targets)[]; // its own keys
  if ("unsupported" in lowering) return [`no: ${lowering.unsupported}`, ...targets.map(() => "no")];
  const sample = int8Sample(op);
  if (sample === undefined) throw new Error(`test/support/int8-samples.ts has no sample of ${op}`);
  const answers = targets.map((target) => {
    const refusal = refusalOf(target, sample);
    return refusal === undefined ? "yes" : `no: ${/: (.*?), got /.exec(refusal)![1]}`; // its rule
  });
  return ["yes", ...answers];
}

function page(): string {
  const rows = (Object.keys(ops) as OpName[]) // the table's own keys
    .toSorted((a, b) => a.localeCompare(b))
    .map((op) => {
      const float = [cpu(op), browser(op), webGpu(op), "not tried", gradient(op), onnx(op)];
      return `| ${[op, ...float, ...int8(op)].join(" | ")} |`;
    });
  return `# Operators: where each runs, and what can be done with it

Written by \`npm run generate\` from the operators' own tables and cases; \`npm run check\` fails when
it is stale.

- **CPU**: \`onnxruntime-node\`; \`test/ops\` runs every operator's cases there, in every form.
- **Browser**: \`onnxruntime-web\` on WebAssembly; \`test/browser\` runs the same cases in Chromium, but
  for those in float64, which nothing in training or inference needs.
- **WebGPU**: Node's bundled provider on a software adapter; \`test/browser/webgpu\` runs the same cases
  there, value and gradient, in the form that training takes, and compares the numbers. What came out otherwise is named by the
  case: refused, or wrong numbers (a relu of NaN is 0; see [GPUs](performance.md#gpus)). \`hashUniform\` is
  worked out on the host there, so dropout trains all the same.
- **CUDA**: no card was there to try it on; see [GPUs](performance.md#gpus).
- **ONNX**: a case of it was written as an exported float32 model, by ONNX's own operators.
- **int8**: has a form in 8-bit networks. **C**, **TFLite** and **ONNX int8** each say whether that
  exporter takes a network with it.

Training in the browser ends where Node's ends: \`test/browser\` trains by momentum on a
teacher's logits \`mlp\`, \`cnn\`, \`resnet8\`, \`dsCnn\`, \`gru\`, \`tcn\` and \`tinyTransformer\`, an \`autoencoder\` on its
samples, \`mlp\` and \`cnn\` on hard labels and by Adam too, within 1e-5 of each weight. Adam
divides a gradient by its own size, so that it makes whole steps of rounding noise where a gradient is
zero in theory or nearly: by AdamW the key biases of \`tinyTransformer\`, which its softmax cancels, have
been seen 5.8e-3 apart, the normalisation's scales of \`dsCnn\` 1.7e-4. \`mobileNetV1\` is compared after one step, with a
hundredth of the loss: on its way back through 27 normalisations the gradient of noise grows two-hundredfold, and a rounding with
it, so that after that every runtime goes its own way.

| operator | CPU | browser | WebGPU | CUDA | gradient | ONNX | int8 | C | TFLite | ONNX int8 |
|---|---|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

test("docs/support.md is up to date (npm run generate writes it)", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/support.md");
});

test("every operator with an int8 form has a sample network of its own", () => {
  const lowered = (Object.keys(lowerings) as OpName[]).filter(
    (op) => !("unsupported" in lowerings[op]),
  );
  expect(lowered.filter((op) => int8Sample(op) === undefined)).toEqual([]);
});

test("what only C takes is said to be refused elsewhere", () => {
  expect(int8("gruSequence")).toEqual([
    "yes",
    "yes",
    expect.stringMatching(/^no: TensorFlow Lite has no gated recurrent unit/),
    expect.stringMatching(/^no: ONNX has no gated recurrent unit/),
  ]);
});
