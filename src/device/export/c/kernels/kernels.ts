/** @file The C kernels by name, in the order in which they must stand. */

import { cmsisNnConv2d, cmsisNnDense, cmsisNnDepthwise, cmsisNnTypes } from "./cmsis-nn.ts";
import { conv2d, conv2dType, patch, pools, spreadPatch, windowType } from "./convolution.ts";
import { depthwise, depthwiseDsp, depthwiseType } from "./depthwise.ts";
import { add, argMax, concat, lookup, requantize, transpose } from "./elementwise.ts";
import { gates, gru, gruHeld, resetGru, resetGruHeld, sigmoids, slice } from "./gru.ts";
import { columnsDsp, dense, dspHelpers, rowsDsp, rowsPortable, rowsShort } from "./rows.ts";
import { clamped, type KernelTraits, narrowed, scaledAny, weightedType } from "./scale.ts";
import { softmax } from "./softmax.ts";

interface Kernel {
  readonly text: string;
  readonly requires: readonly KernelName[];
}

export type KernelName =
  | "clamped"
  | "scaled"
  | "weightedType"
  | "weighted"
  | "dsp"
  | "rows"
  | "columns"
  | "dense"
  | "window"
  | "patch"
  | "conv2d"
  | "depthwiseConv2d"
  | "averagePool"
  | "maxPool"
  | "add"
  | "requantize"
  | "lookup"
  | "concat"
  | "transpose"
  | "argMax"
  | "softmax"
  | "gates"
  | "gru"
  | "gruHeld"
  | "resetGru"
  | "resetGruHeld"
  | "slice"
  | "cmsisNnTypes"
  | "cmsisNnDense"
  | "cmsisNnConv2d"
  | "cmsisNnDepthwise";

/** C wants types before their use; a record keeps this order. Text that is "" has variants. */
const kernels: Readonly<Record<KernelName, Kernel>> = {
  clamped: { text: clamped, requires: [] },
  scaled: { text: scaledAny, requires: [] },
  weightedType: { text: "", requires: [] },
  weighted: { text: "", requires: ["clamped", "scaled", "weightedType"] },
  dsp: { text: "", requires: [] },
  rows: { text: "", requires: ["weighted", "dsp"] },
  columns: { text: columnsDsp, requires: ["rows"] },
  dense: { text: dense, requires: ["rows"] },
  window: { text: "", requires: [] },
  patch: { text: "", requires: ["window"] },
  conv2d: { text: "", requires: ["patch", "columns"] },
  depthwiseConv2d: {
    text: `${depthwiseType}${depthwiseDsp}${depthwise}`,
    requires: ["weighted", "window", "dsp"],
  },
  averagePool: { text: pools("average"), requires: ["window"] },
  maxPool: { text: pools("max"), requires: ["window"] },
  add: { text: add, requires: ["clamped", "scaled"] },
  requantize: { text: requantize, requires: ["clamped", "scaled"] },
  lookup: { text: lookup, requires: [] },
  concat: { text: concat, requires: [] },
  transpose: { text: transpose, requires: [] },
  argMax: { text: argMax, requires: [] },
  softmax: { text: softmax, requires: [] },
  gates: { text: `${sigmoids}${gates}`, requires: ["scaled", "dsp"] },
  gru: { text: gru, requires: ["gates", "scaled"] },
  gruHeld: { text: gruHeld, requires: ["gru"] },
  resetGru: { text: resetGru, requires: ["gates", "scaled"] },
  resetGruHeld: { text: resetGruHeld, requires: ["resetGru"] },
  slice: { text: slice, requires: [] },
  cmsisNnTypes: { text: cmsisNnTypes, requires: ["weightedType"] },
  cmsisNnDense: { text: cmsisNnDense, requires: [] },
  cmsisNnConv2d: { text: cmsisNnConv2d, requires: ["cmsisNnTypes"] },
  cmsisNnDepthwise: { text: cmsisNnDepthwise, requires: ["cmsisNnTypes"] },
};

/**
 * @param wanted what the layers call
 * @param prefix in front of macros
 * @param hasDsp whether there is a second path
 * @returns C text of these kernels and all that they need
 */
export function kernelText(
  wanted: readonly KernelName[],
  traits: KernelTraits,
  prefix: string,
  hasDsp: boolean,
): string {
  const needed = new Set<KernelName>();
  const need = (name: KernelName): void => {
    needed.add(name);
    for (const other of kernels[name].requires) if (!needed.has(other)) need(other);
  };
  for (const name of wanted) if (hasDsp || !name.startsWith("cmsisNn")) need(name);
  if (traits.smallMultipliers && !wanted.some((name) => kernels[name].requires.includes("scaled")))
    needed.delete("scaled");
  const hasRests = wanted.includes("dense") || !traits.byFour.places;
  const spreadRows = hasRests ? rowsDsp(traits) : "\n"; // else four patches at a time are all
  const special: Partial<Record<KernelName, string>> = {
    weightedType: weightedType(traits),
    weighted: narrowed(traits),
    dsp: dspHelpers(traits),
    window: windowType(traits),
    patch: patch(traits),
    rows: hasDsp ? `#if NAME_DSP${spreadRows}#else${rowsPortable}#endif\n` : rowsShort,
    conv2d: `${conv2dType}${spreadPatch}${conv2d(traits)}`,
  };
  const text = (name: KernelName): string => special[name] ?? kernels[name].text;
  const names = (Object.keys(kernels) as KernelName[]).filter((name) => needed.has(name)); // its keys
  const all = names.map(text).join("");
  return (hasDsp ? all : withoutDsp(all)).replaceAll(/NAME_(?=DSP|CMSIS_NN)/g, `${prefix}_`);
}

/** @returns C text as if NAME_DSP were 0; its conditions do not nest */
function withoutDsp(text: string): string {
  return text.replace(/#if NAME_DSP\n([\s\S]*?)#endif\n/g, (_, body: string) => {
    const other = body.indexOf("#else\n");
    return other < 0 ? "" : body.slice(other + "#else\n".length);
  });
}
