/** @file A .tflite model as lines of text: what snapshots show. */

import type { readFlatbuffer } from "./read-flatbuffer.ts";

type Model = ReturnType<typeof readFlatbuffer>;

/** @returns one line per operator code, tensor, operator, signature and metadata entry */
export function tfliteText(model: Model): string {
  const { version, description, operatorCodes = [], subgraphs = [], metadata = [] } = model;
  const buffers = model.buffers ?? [];
  const bytesIn = (at = 0): Uint8Array => buffers[at]?.data ?? new Uint8Array();
  const lines = [`version ${version}`, `description ${description}`];
  for (const { builtinCode = 0, deprecatedBuiltinCode = 0, version: of = 1 } of operatorCodes)
    lines.push(`code ${builtinCode} (${deprecatedBuiltinCode}) version ${of}`);
  for (const { name, tensors = [], inputs = [], outputs = [], operators = [] } of subgraphs) {
    lines.push(`subgraph ${name}: ${inputs} -> ${outputs}`);
    for (const [at, { name: own, type, shape = [], buffer, quantization }] of tensors.entries()) {
      const scales = quantization === undefined ? "" : ` ${JSON.stringify(quantization)}`;
      const data = buffer === undefined ? "" : ` = ${bytesIn(buffer).length} bytes`;
      lines.push(`  ${at} ${own}: type ${type} [${shape}]${scales}${data}`);
    }
    for (const { opcodeIndex = 0, inputs: from = [], outputs: to = [], options } of operators)
      lines.push(
        `  code ${operatorCodes[opcodeIndex]?.builtinCode ?? 0}: ${from} -> ${to} ${options?.type} ${JSON.stringify(options?.table)}`,
      );
  }
  for (const { signatureKey, inputs = [], outputs = [] } of model.signatureDefs ?? [])
    lines.push(
      `signature ${signatureKey}: ${JSON.stringify(inputs)} -> ${JSON.stringify(outputs)}`,
    );
  for (const { name, buffer } of metadata)
    lines.push(
      `metadata ${name}: ${new TextDecoder().decode(bytesIn(buffer)).replaceAll("\0", "")}`,
    );
  return lines.join("\n");
}
