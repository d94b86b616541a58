/** @file How ONNX Runtime's WebGPU provider is asked for, in Node and in browsers alike. */

/**
 * Images keep ONNX's layout, channels first. In the provider's usual one, channels last, the
 * kernels of ONNX Runtime 1.30 give wrong numbers without a word:
 *
 * - Conv without groups whose kernel is larger than 1x1, with outputs that 4 divides and more than
 *   3 inputs that 3 divides and 4 does not: 6 → 8 channels, 9 → 4;
 * - ConvTranspose with a group for each channel of its result and several of its operand for each:
 *   the input gradient of a depthwise convolution with two outputs a channel.
 *
 * Channels first has one such kernel: BatchNormalization of two axes with an even number of
 * features (`ops/batch-rule.ts`, `onnx/wider-normalization.ts`).
 */
export const webgpuProvider = { name: "webgpu", preferredLayout: "NCHW" } as const;
