/**
 * @file Convolution in ONNX Runtime's blocked layout, by its own operators ("com.microsoft.nchwc").
 *
 * Channels go in blocks of as many as the CPU's vectors hold:
 *
 *   image  [batch, in/B, height, width, B]
 *   kernel [out/B, in/B, kernelHeight, kernelWidth, B of in, B of out]
 *
 * so that a place's block is one register and nothing is unfolded; of a kernel for each channel
 * alone, [channels/B, kernelHeight, kernelWidth, B]. The runtime brings convolutions
 * into this layout itself where the kernel is a constant; in training it never is. B depends on the
 * machine: the runtime says it (`Runtime.convolutionBlock`), and a model in this form is for the
 * machine that it was compiled on. Fewer input channels than B are read as they are.
 *
 * Times as multiples of Conv, reordering included, one thread, onnxruntime-node 1.30 on AVX-512,
 * batch 64, 3x3: 0.70 (16 channels, 32x32), 0.65 (32, 16x16), 0.61 (64, 8x8), 0.64 and 0.69 (16 →
 * 32 and 32 → 64, stride 2), 0.70 (32 → 64, 14x14). Depthwise, 16 channels, 25x5: 0.35 of the dense
 * products of depthwise-toeplitz.ts, so that a step of DS-CNN takes 0.72 of the time.
 */

import { blockedDomain, fromBlocks, toBlocks } from "./blocked-layout.ts";
import type { Conv2dAttrs } from "./conv2d-rule.ts";
import type { Emit } from "./emit.ts";
import { ints } from "./emit.ts";

/** A convolution as an operator of the blocked layout sees it. */
export interface BlockedConv {
  readonly inputs: number;
  readonly outputs: number;
  readonly window: Pick<Conv2dAttrs, "kernel" | "strides" | "padding" | "dilations" | "groups">;
  /** name of the image: [batch, inputs, height, width] */
  readonly image: string;
  /** name of the kernel: [outputs, inputs, …], or [inputs, outputs, …] if `inputsFirst` */
  readonly kernel: string;
  readonly inputsFirst: boolean;
  /** name of [outputs] */
  readonly bias?: string | undefined;
}

/** Whether blocks of the layout fit the channels; of groups only one channel each is known. */
export function hasBlocks(inputs: number, outputs: number, groups: number, block: number): boolean {
  const isDepthwise = groups > 1 && groups === inputs && groups === outputs;
  const fits = isDepthwise || (groups === 1 && (inputs < block || inputs % block === 0));
  return block > 0 && fits && outputs % block === 0;
}

/** @returns the name of the result, [batch, outputs, height', width'] in the usual layout */
export function blockedConv(emit: Emit, conv: BlockedConv, block: number): string {
  const { inputs, outputs, window } = conv;
  const isDepthwise = window.groups > 1;
  const isDirect = inputs < block && !isDepthwise;
  const image = isDirect ? conv.image : toBlocks(emit, conv.image);
  const bias = conv.bias === undefined ? [] : [conv.bias];
  const result = emit.node(
    "Conv",
    [image, blockedKernel(emit, conv, block), ...bias],
    {
      kernel_shape: ints(window.kernel),
      strides: ints(window.strides),
      pads: ints(window.padding),
      dilations: ints(window.dilations),
      group: BigInt(window.groups),
    },
    blockedDomain,
  );
  return fromBlocks(emit, result, outputs);

  function blockedKernel(emit: Emit, conv: BlockedConv, block: number): string {
    const taps = window.kernel[0] * window.kernel[1];
    if (isDepthwise) {
      const rows = emit.node("Reshape", [conv.kernel, emit.int64([outputs / block, block, taps])]);
      const turned = emit.node("Transpose", [rows], { perm: ints([0, 2, 1]) });
      return emit.node("Reshape", [turned, emit.int64([outputs, 1, ...window.kernel])]);
    }
    const outer = [outputs / block, block];
    const inner = isDirect ? [inputs] : [inputs / block, block];
    const split = conv.inputsFirst ? [...inner, ...outer, taps] : [...outer, ...inner, taps];
    const [o, i] = conv.inputsFirst ? [inner.length, 0] : [0, outer.length];
    // out/B, in/B, taps, B of in, B of out; or out/B, in, taps, B of out
    const order = isDirect ? [o, i, 3, o + 1] : [o, i, 4, i + 1, o + 1];
    const blocks = emit.node("Reshape", [conv.kernel, emit.int64(split)]);
    const turned = emit.node("Transpose", [blocks], { perm: ints(order) });
    return emit.node("Reshape", [turned, emit.int64([outputs, inputs, ...window.kernel])]);
  }
}
