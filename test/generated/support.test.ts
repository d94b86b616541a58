import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { definitionOf, ops } from "../../src/ops/index.ts";
import { lowerings } from "../../src/quantize/lowering/table.ts";

const webGpuFile = new URL("../golden/webgpu-operators.json", import.meta.url);
const onWebGpu: Readonly<Record<string, string | null>> = JSON.parse(
  readFileSync(webGpuFile, "utf8"),
);

function gradient(op: string): string {
  const { vjp } = definitionOf(op);
  return typeof vjp === "function" ? "yes" : `no: ${vjp.noGradient}`;
}

function webGpu(op: string): string {
  const form = onWebGpu[op];
  if (form === undefined) return "not tried";
  if (form === null) return "no";
  return form === (definitionOf(op).forms?.[0] ?? "only") ? "yes" : `as "${form}"`;
}

function int8(op: keyof typeof lowerings): string {
  const lowering = lowerings[op];
  return "unsupported" in lowering ? `no: ${lowering.unsupported}` : "yes";
}

function page(): string {
  const rows = (Object.keys(ops) as (keyof typeof lowerings)[]) // every operator has a lowering
    .toSorted((a, b) => a.localeCompare(b))
    .map(
      (op) => `| ${[op, "yes", "yes", webGpu(op), gradient(op), "yes", int8(op)].join(" | ")} |`,
    );
  return `# Operators: where each runs, and what can be done with it

Written by \`npm run generate\` from the operators' own tables; \`npm run check\` fails when it is stale.

- **CPU**: \`onnxruntime-node\`; \`test/ops\` runs every operator's cases there, in every form.
- **Browser**: \`onnxruntime-web\` on WebAssembly; \`test/browser\` runs the same cases in Chromium.
- **WebGPU**: Node's bundled provider has kernels, as seen on a software adapter. \`hashUniform\` is
  worked out on the host there, so dropout trains all the same.
- **ONNX**: can be in an exported float32 model.
- **int8**: has a form in 8-bit exports.

| operator | CPU | browser | WebGPU | gradient | ONNX | int8 |
|---|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

test("docs/support.md is up to date (npm run generate writes it)", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/support.md");
});
