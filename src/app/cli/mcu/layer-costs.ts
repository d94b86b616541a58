/** @file What each layer of an integer network costs on a microcontroller. */

import { exportC } from "../../../device/export/index.ts";
import type { QuantizedGraph, QuantizedLayer } from "../../../device/quantize/index.ts";
import { elementCount } from "../../../engine/tensor/index.ts";

export interface LayerCost {
  readonly name: string;
  readonly kind: QuantizedLayer["kind"];
  /** its tables */
  readonly flashBytes: number;
  /** all that must be in RAM while it runs: operands, scratch, and what later layers wait for */
  readonly ramBytes: number;
  readonly macs: number;
}

/**
 * Exports each layer alone. Layers with several inputs share what the whole network's tables have
 * beyond those of the others.
 *
 * @param path of the kernels, whose scratch memory counts
 */
export function layerCosts(graph: QuantizedGraph, path: "portable" | "dsp"): readonly LayerCost[] {
  const layers = graph.layers.filter(({ kind }) => kind !== "reshape");
  const memory = liveBytes(graph);
  const costs = layers.map((layer): LayerCost => {
    const { name, kind, inputs, output } = layer;
    if (inputs.length > 1)
      return { name, kind, flashBytes: 0, ramBytes: memory(layer, true), macs: 0 };
    const alone = exportC({ ...graph, layers: [layer], input: inputs[0]!, output }); // has one
    return {
      name,
      kind,
      flashBytes: alone.constantBytes,
      ramBytes: alone.arenaBytes[path] + memory(layer, false),
      macs: alone.macs,
    };
  });
  const total = costs.reduce((sum, { flashBytes }) => sum + flashBytes, 0);
  const joins = layers.filter(({ inputs }) => inputs.length > 1).length;
  const share = joins === 0 ? 0 : Math.max(0, exportC(graph).constantBytes - total) / joins;
  return costs.map((cost, at) =>
    layers[at]!.inputs.length > 1 ? { ...cost, flashBytes: Math.round(share) } : cost,
  );
}

/** @returns bytes of the tensors alive at a layer: those that wait, and its own too if asked */
function liveBytes(graph: QuantizedGraph): (layer: QuantizedLayer, withOwn: boolean) => number {
  const viewed = new Map<number, number>();
  for (const { kind, inputs, output } of graph.layers)
    if (kind === "reshape") viewed.set(output, viewed.get(inputs[0]!) ?? inputs[0]!);
  const place = (tensor: number): number => viewed.get(tensor) ?? tensor;
  const steps = graph.layers.filter(({ kind }) => kind !== "reshape");
  const bytes = (tensor: number): number => {
    const { shape, dtype } = graph.tensors[tensor]!;
    return elementCount(shape) * (dtype === "int32" ? 4 : 1);
  };
  return (layer, withOwn) => {
    const at = steps.indexOf(layer);
    const made = new Set([graph.input, ...steps.slice(0, at).map(({ output }) => output)]);
    const wanted = new Set(steps.slice(at + 1).flatMap(({ inputs }) => inputs.map(place)));
    const own = new Set([...layer.inputs.map(place), layer.output]);
    const waiting = [...made].filter((tensor) => wanted.has(tensor) && !own.has(tensor));
    if (!withOwn) return waiting.reduce((sum, tensor) => sum + bytes(tensor), 0);
    const inputs = new Set(layer.inputs.map(place));
    const dies = layer.kind === "add" && [...inputs].some((tensor) => !wanted.has(tensor));
    // a sum is written over an operand that nothing else waits for
    const counted = [...waiting, ...inputs, ...(dies ? [] : [layer.output])];
    return counted.reduce((sum, tensor) => sum + bytes(tensor), 0);
  };
}
